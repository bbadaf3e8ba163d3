import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcProcessReader } from '../../../src/monitoring/proc-process-reader.js';
import { converse } from '../../../src/profiling/child-conversation.js';
import { MeasuringCancelledError } from '../../../src/profiling/measuring.errors.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const CHILDREN = join(__dirname, '../../fixtures/children');
const EXEC_ARGV = ['--require', join(CHILDREN, 'typescript-hook.js')];

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** A process that has ended but that nobody waited for has no memory any more. */
function isAlive(pid: number): boolean {
  try {
    const reader = new ProcProcessReader(pid);
    const reading = reader.read();
    reader.close();
    return reading !== null;
  } catch {
    return false;
  }
}

onLinux('the measuring process', () => {
  it('ends when the service is gone', async () => {
    const parent = fork(join(CHILDREN, 'orphan-parent.ts'), [join(CHILDREN, 'ok.ts')], { execArgv: EXEC_ARGV });
    const [{ childPid }] = (await once(parent, 'message')) as [{ childPid: number }];
    await once(parent, 'close');
    // Fails by the test's own time limit when it never ends.
    while (isAlive(childPid)) await sleep(20);
  });

  it('is gone when its conversation is over, also when it does not heed SIGTERM', async () => {
    const cancelling = new AbortController();
    let childPid = 0;
    const conversation = converse({
      program: {
        modulePath: join(CHILDREN, 'stubborn.ts'),
        execArgv: EXEC_ARGV,
        startSeconds: 60,
        graceSeconds: 0.2,
      },
      workload: WORKLOAD,
      limits: { maxSteps: 1, maxSeconds: 1, memoryBudgetBytes: 1 },
      timeoutSeconds: 60,
      signal: cancelling.signal,
      countOutOfMemoryKills: () => null,
      onMessage: (message, pid) => {
        childPid = pid;
        if (message.type === 'progress') cancelling.abort();
      },
      onErrorOutput: () => undefined,
    });
    await expect(conversation).rejects.toBeInstanceOf(MeasuringCancelledError);
    expect(childPid).toBeGreaterThan(0);
    expect(isAlive(childPid)).toBe(false);
  });
});
