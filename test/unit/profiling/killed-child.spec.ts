import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { thisHardware } from '../../fixtures/hardware.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { ChildDiedError } from '../../../src/profiling/measuring.errors.js';
import type { MeasuringProgress } from '../../../src/profiling/measuring-progress.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import type { ChildMessage } from '../../../src/profiling/protocol.js';
import { TRACED_RUNS } from '../../../src/profiling/protocol.js';
import { childrenOf, isAlive } from '../../../bench/processes.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const CHILDREN = join(__dirname, '../../fixtures/children');
const EXEC_ARGV = ['--require', join(CHILDREN, 'typescript-hook.js')];
/** What the child can be held in, and what is known of it then. */
const PHASES = [
  ['building', 'building'],
  ['loading', 'loading'],
  ['warmup', 'warmup'],
  ['timing', 'timing'],
  ['tracing', 'tracing'],
  ['sending its result', 'tracing'],
] as const;

const onLinux = process.platform === 'linux' ? describe : describe.skip;

/** Whether a child of the fixture `halting` has come as far as it will. */
function hasCome(phase: string, seen: Pick<MeasuringProgress, 'phase' | 'step'>): boolean {
  return seen.phase === phase || (seen.phase === 'tracing' && seen.step === TRACED_RUNS);
}

/** @param name of the fixture */
async function onlyChild(parent: number, name: string): Promise<number> {
  for (;;) {
    const [pid] = await childrenOf(parent, name);
    if (pid !== undefined) return pid;
    await sleep(10);
  }
}

onLinux('a measuring process that is killed', () => {
  let service: MeasuringService;

  function serviceWith(child: string): MeasuringService {
    const program = {
      modulePath: join(CHILDREN, `${child}.ts`),
      execArgv: EXEC_ARGV,
      startSeconds: 60,
      graceSeconds: 1,
    };
    service = new MeasuringService(DEFAULT_MEASURING_OPTIONS, program, thisHardware());
    return service;
  }

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  afterEach(() => service.onModuleDestroy());

  it.each(PHASES)('in phase %s is told of as such', async (phase, told) => {
    const kill = async (): Promise<void> => {
      // Half of a result is on its way meanwhile.
      if (phase === 'sending its result') await sleep(50);
      process.kill(await onlyChild(process.pid, 'halting'), 'SIGKILL');
    };
    const measuring = serviceWith('halting').measure(
      { ...WORKLOAD, architecture: phase },
      { onProgress: (progress) => void (hasCome(phase, progress) && kill()) },
    );
    await expect(measuring).rejects.toBeInstanceOf(ChildDiedError);
    await expect(measuring).rejects.toMatchObject({ signal: 'SIGKILL' });
    await expect(measuring).rejects.toThrow(
      `ended in phase '${told}' without a result: SIGKILL from outside, as from an administrator, a container runtime ` +
        'or a memory watchdog. The next request starts a fresh process.',
    );
    expect(await childrenOf(process.pid, 'halting')).toEqual([]);
  });

  it('before it is ready is told of as such', async () => {
    const measuring = serviceWith('never-ready').measure(WORKLOAD);
    process.kill(await onlyChild(process.pid, 'never-ready'), 'SIGKILL');
    await expect(measuring).rejects.toThrow('ended before it began without a result: SIGKILL from outside');
    expect(await childrenOf(process.pid, 'never-ready')).toEqual([]);
  });
});

onLinux('the measuring process of a service that is killed', () => {
  let folder: string;
  let parent: ChildProcess;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orphans-'));
  });

  afterEach(async () => {
    parent.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  function start(child: string, phase: string): ChildProcess {
    const env = { ...process.env, TMPDIR: folder };
    parent = fork(join(CHILDREN, 'measuring-parent.ts'), [join(CHILDREN, `${child}.ts`), phase], {
      execArgv: EXEC_ARGV,
      env,
    });
    return parent;
  }

  function come(phase: string): Promise<void> {
    return new Promise((resolve) => {
      parent.on('message', (message: ChildMessage) => {
        if (message.type === 'progress' && hasCome(phase, message)) resolve();
      });
    });
  }

  /** Fails by the test's own time limit when it never ends. */
  async function expectNothingIsLeftOf(child: number): Promise<void> {
    while (await isAlive(child)) await sleep(10);
    while ((await readdir(folder)).length > 0) await sleep(10);
  }

  it.each(PHASES)('ends, held in phase %s, and leaves no files', async (phase) => {
    start('halting', phase);
    await come(phase);
    const child = await onlyChild(Number(parent.pid), 'halting');
    expect(await isAlive(child)).toBe(true);
    parent.kill('SIGKILL');
    await expectNothingIsLeftOf(child);
  });

  it('ends, held before it is ready, and leaves no files', async () => {
    start('never-ready', '');
    const child = await onlyChild(Number(parent.pid), 'never-ready');
    parent.kill('SIGKILL');
    await expectNothingIsLeftOf(child);
  });
});
