import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workload } from '../../src/profiles/workload.js';
import { childEnvironment, MEASURING_PROGRAM } from '../../src/profiling/child-program.js';
import type { ChildMessage, ParentMessage } from '../../src/profiling/protocol.js';
import { LimitedGroup } from './limited-group.js';

/** Two steps of warm-up and two that are timed, as few as a measurement can be. */
const LIMITS = { maxSteps: 4, maxSeconds: 1, memoryBudgetBytes: Number.MAX_SAFE_INTEGER };
/** Far more than any of them takes: a process that has to read its own program again and again does not run. */
const LONGEST_SECONDS = 90;
/** Becomes a member first, so that all of the process's memory counts, and then the measuring process itself. */
const JOIN = 'echo $$ > "$0" && exec "$@"';

/** What became of a workload under a limit. */
export type LimitedOutcome = 'ran' | 'out of memory' | 'too slow';

/**
 * Runs a workload's steps in the service's own measuring process, as a member of a control group with that limit.
 *
 * @throws Error that says why it could not be tried, as for a failure that is none of memory
 */
export async function runWithin(workload: Workload, limitBytes: number): Promise<LimitedOutcome> {
  const group = LimitedGroup.create(limitBytes);
  const folder = mkdtempSync(join(tmpdir(), 'limited-run-'));
  try {
    return await runIn(group, workload, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    group.remove();
  }
}

async function runIn(group: LimitedGroup, workload: Workload, folder: string): Promise<LimitedOutcome> {
  const { execArgv, modulePath } = MEASURING_PROGRAM;
  const child = fork(modulePath, {
    execPath: '/bin/sh',
    execArgv: ['-c', JOIN, group.members, process.execPath, ...execArgv],
    env: childEnvironment(process.env, folder),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  let errorOutput = '';
  child.stderr?.on('data', (chunk: Buffer) => (errorOutput += chunk.toString()));
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<LimitedOutcome>((resolve, reject) => {
      timer = setTimeout(() => resolve('too slow'), 1000 * LONGEST_SECONDS);
      child.on('error', reject);
      child.on('close', () => {
        if (group.outOfMemoryKills() > 0 || /bad_alloc|allocat/i.test(errorOutput)) resolve('out of memory');
        else reject(new Error(`the measuring process ended: ${errorOutput.trim().split('\n').at(-1) ?? ''}`));
      });
      child.on('message', (message: ChildMessage) => {
        switch (message.type) {
          case 'ready':
            child.send({ type: 'measure', workload, limits: LIMITS } satisfies ParentMessage);
            return;
          case 'progress':
            // All steps are over then; the trace is no part of what a workload needs.
            if (message.phase === 'tracing') resolve('ran');
            return;
          case 'failed':
            if (message.failure.code === 'out-of-memory') resolve('out of memory');
            else reject(new Error(message.failure.message));
            return;
          case 'computing':
          case 'watch-cpu':
          case 'result':
            return;
        }
      });
    });
  } finally {
    clearTimeout(timer);
    end();
    await closed;
    process.off('exit', end);
  }
}
