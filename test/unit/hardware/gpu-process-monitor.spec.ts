import { setTimeout as after } from 'node:timers/promises';
import { GpuProcessMonitor, type ProcessOnGpu } from '../../../src/hardware/gpu-process-monitor.js';
import { NvidiaSmi } from '../../../src/hardware/nvidia-smi.js';
import type { StreamTiming } from '../../../src/hardware/stream-keeper.js';
import {
  isAlive,
  type Play,
  recording,
  type Stub,
  stubNvidiaSmi,
  WITHOUT_NVIDIA_SMI,
} from '../../fixtures/nvidia-smi/stub.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const MEBIBYTE = 2 ** 20;
/** Of all recordings. */
const PID = 4711;
/** Long enough for a busy machine to start a program: only what hangs is waited for so long. */
const PATIENT: StreamTiming = { patienceSeconds: 20, idleSeconds: 60 };

const reading = (usedMebibytes: number | null, utilizationPercent: number | null, pid = PID): ProcessOnGpu => ({
  pid,
  usedMemoryBytes: usedMebibytes === null ? null : usedMebibytes * MEBIBYTE,
  utilizationPercent,
});
const UNKNOWN = reading(null, null);

describe('GpuProcessMonitor without the program', () => {
  it.each([
    ['no GPU', [], [PID], []],
    ['no process', [0], [], [[]]],
  ] as const)('starts nothing where there is %s', async (_what, gpus, pids, expected) => {
    const problems: string[] = [];
    const monitor = new GpuProcessMonitor(new NvidiaSmi(WITHOUT_NVIDIA_SMI), (told) => problems.push(told), true);
    expect(await monitor.read(gpus, pids)).toEqual(expected);
    monitor.close();
    expect(problems).toEqual([]);
  });

  it('knows nothing, and says why', async () => {
    const problems: string[] = [];
    const monitor = new GpuProcessMonitor(new NvidiaSmi(WITHOUT_NVIDIA_SMI), (told) => problems.push(told), true);
    expect(await monitor.read([0], [PID])).toEqual([[UNKNOWN]]);
    monitor.close();
    expect(problems).toEqual([expect.stringContaining('ENOENT')]);
  });
});

onPosix('GpuProcessMonitor', () => {
  const begun: { readonly stub: Stub; readonly monitor: GpuProcessMonitor }[] = [];
  let problems: string[];

  beforeEach(() => {
    problems = [];
  });
  afterEach(() => {
    for (const { stub, monitor } of begun.splice(0)) {
      monitor.close();
      stub.remove();
    }
  });

  function monitorWith(
    play: Play,
    { knowsPids = true, ...timing }: Partial<StreamTiming> & { readonly knowsPids?: boolean } = {},
  ): { stub: Stub; monitor: GpuProcessMonitor } {
    const stub = stubNvidiaSmi(play);
    const onProblem = (problem: string): unknown => problems.push(problem);
    const monitor = new GpuProcessMonitor(new NvidiaSmi(stub.environment), onProblem, knowsPids, {
      ...PATIENT,
      ...timing,
    });
    begun.push({ stub, monitor });
    return { stub, monitor };
  }

  it.each([
    ['training.txt', [reading(5830, 87)]],
    ['first-second.txt', [reading(620, null)]],
    ['hidden.txt', [UNKNOWN]],
    ['spaces.txt', [reading(1024, 55)]],
  ])('reads the memory and the time of a process: %s', async (file, expected) => {
    const { monitor } = monitorWith({ processes: [recording(file)] });
    expect(await monitor.read([0], [PID])).toEqual([expected]);
    expect(problems).toEqual([]);
  });

  it('reads the columns by their names, which are others in older versions', async () => {
    const { monitor } = monitorWith({ processes: [recording('older.txt')] });
    expect(await monitor.read([0], [22010])).toEqual([[reading(7357, 98, 22010)]]);
  });

  it('tells the processes of each GPU apart, in the order asked for', async () => {
    const { monitor } = monitorWith({ processes: [recording('both.txt')] });
    expect(await monitor.read([1, 0], [PID, 2355])).toEqual([
      [reading(512, 12), reading(null, null, 2355)],
      [reading(6144, 91), reading(4, null, 2355)],
    ]);
  });

  it('takes a process that is not told of for an unknown one, not for one that uses nothing', async () => {
    const { monitor } = monitorWith({ processes: [recording('idle.txt')] });
    expect(await monitor.read([0, 1, null], [PID])).toEqual([[UNKNOWN], [UNKNOWN], [UNKNOWN]]);
    expect(problems).toEqual([]);
  });

  it('starts nothing in a container, where the numbers may be those of other processes', async () => {
    const { stub, monitor } = monitorWith({ processes: [recording('training.txt')] }, { knowsPids: false });
    expect(await monitor.read([0, 1], [PID])).toEqual([[UNKNOWN], [UNKNOWN]]);
    expect(stub.starts()).toEqual([]);
  });

  it('starts one program with the first question, and follows what changes', async () => {
    const { stub, monitor } = monitorWith({ processes: [recording('training.txt'), recording('both.txt')] });
    const [first] = await Promise.all([monitor.read([0, 1], [PID]), monitor.read([0, 1], [PID])]);
    expect(first).toEqual([[reading(5830, 87)], [UNKNOWN]]);
    let last = first;
    while (last[1]?.[0]?.usedMemoryBytes === null) {
      await after(5);
      last = await monitor.read([0, 1], [PID]);
    }
    expect(last).toEqual([[reading(6144, 91)], [reading(512, 12)]]);
    expect(stub.starts()).toHaveLength(1);
  });

  it('puts lines together that come in pieces', async () => {
    const { monitor } = monitorWith({ processes: [recording('both.txt')], pieces: 7 });
    expect(await monitor.read([0, 1], [PID])).toEqual([[reading(6144, 91)], [reading(512, 12)]]);
  });

  it('says what the program says when it fails, and starts another one at the next question', async () => {
    const text = 'Process monitoring is not supported on this platform\n';
    const { stub, monitor } = monitorWith({ says: { text, code: 3 } });
    expect(await monitor.read([0], [PID])).toEqual([[UNKNOWN]]);
    expect(await monitor.read([0], [PID])).toEqual([[UNKNOWN]]);
    expect(problems).toEqual([`it ended with code 3; ${text.trim()}`]);
    expect(stub.starts()).toHaveLength(2);
  });

  it('ends a program that never answers', async () => {
    const { stub, monitor } = monitorWith({ hangs: true }, { patienceSeconds: 1 });
    expect(await monitor.read([0], [PID])).toEqual([[UNKNOWN]]);
    expect(problems).toEqual(['it told nothing for 1 s']);
    while (stub.starts().some(isAlive)) await after(5);
  });

  it('ends the program when it is closed, and starts none after that', async () => {
    const { stub, monitor } = monitorWith({ processes: [recording('training.txt')] });
    await monitor.read([0], [PID]);
    monitor.close();
    while (stub.starts().some(isAlive)) await after(5);
    expect(await monitor.read([0], [PID])).toEqual([[UNKNOWN]]);
    expect(stub.starts()).toHaveLength(1);
    expect(problems).toEqual([]);
  });
});
