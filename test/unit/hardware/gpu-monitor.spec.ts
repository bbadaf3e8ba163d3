import { setTimeout as after } from 'node:timers/promises';
import { GpuMonitor, type GpuMonitorTiming } from '../../../src/hardware/gpu-monitor.js';
import { NvidiaSmi } from '../../../src/hardware/nvidia-smi.js';
import {
  A_DIVIDED_A100,
  A_GB10,
  AN_H200,
  type Cells,
  isAlive,
  type Play,
  type Stub,
  stubNvidiaSmi,
  WITHOUT_NVIDIA_SMI,
} from '../../fixtures/nvidia-smi/stub.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const UNKNOWN = { index: null, usedMemoryBytes: null, utilizationPercent: null };
const MEBIBYTE = 2 ** 20;
/** Long enough for a busy machine to start a program: only what hangs is waited for so long. */
const PATIENT: GpuMonitorTiming = { intervalSeconds: 0.02, patienceSeconds: 20, idleSeconds: 60 };

const uuidsOf = (...gpus: Cells[]): string[] => gpus.map(({ uuid = '' }) => uuid);
const using = (mebibytes: number, gpu = AN_H200): Cells => ({ ...gpu, 'memory.used': String(mebibytes) });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await after(5);
}

describe('GpuMonitor', () => {
  it('starts nothing where there is no GPU', async () => {
    const problems: string[] = [];
    const monitor = new GpuMonitor(new NvidiaSmi(WITHOUT_NVIDIA_SMI), (problem) => problems.push(problem));
    expect(await monitor.read([])).toEqual([]);
    monitor.close();
    expect(problems).toEqual([]);
  });

  it('knows nothing when the program has gone since the inventory', async () => {
    const problems: string[] = [];
    const monitor = new GpuMonitor(new NvidiaSmi(WITHOUT_NVIDIA_SMI), (problem) => problems.push(problem));
    expect(await monitor.read(['GPU-1'])).toEqual([UNKNOWN]);
    monitor.close();
    expect(problems).toEqual([expect.stringContaining('ENOENT')]);
  });
});

onPosix('GpuMonitor with a program', () => {
  const begun: { readonly stub: Stub; readonly monitor: GpuMonitor }[] = [];
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

  function monitorWith(play: Play, timing: Partial<GpuMonitorTiming> = {}): { stub: Stub; monitor: GpuMonitor } {
    const stub = stubNvidiaSmi(play);
    const program = new NvidiaSmi(stub.environment);
    const monitor = new GpuMonitor(program, (problem) => problems.push(problem), { ...PATIENT, ...timing });
    begun.push({ stub, monitor });
    return { stub, monitor };
  }

  it('starts the program with the first question, and one serves all', async () => {
    const { stub, monitor } = monitorWith({ rounds: [[AN_H200]] });
    expect(stub.starts()).toEqual([]);
    const answers = await Promise.all([monitor.read(uuidsOf(AN_H200)), monitor.read(uuidsOf(AN_H200))]);
    answers.push(await monitor.read(uuidsOf(AN_H200)));
    for (const answer of answers) {
      expect(answer).toEqual([{ index: 0, usedMemoryBytes: 1017 * MEBIBYTE, utilizationPercent: 37 }]);
    }
    expect(stub.starts()).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  it('tells of all GPUs in the order asked for, and null for what they do not tell', async () => {
    const { monitor } = monitorWith({ rounds: [[A_GB10, AN_H200, A_DIVIDED_A100]] });
    expect(await monitor.read(uuidsOf(AN_H200, A_DIVIDED_A100, A_GB10))).toEqual([
      { index: 0, usedMemoryBytes: 1017 * MEBIBYTE, utilizationPercent: 37 },
      { index: 1, usedMemoryBytes: 0, utilizationPercent: null },
      { index: 2, usedMemoryBytes: null, utilizationPercent: 0 },
    ]);
  });

  it('follows what changes', async () => {
    const { monitor } = monitorWith({ rounds: [[using(10)], [using(20)], [using(30)]] });
    const seen = new Set<number | null>();
    while (!seen.has(30 * MEBIBYTE)) {
      const [reading] = await monitor.read(uuidsOf(AN_H200));
      seen.add(reading?.usedMemoryBytes ?? null);
      await after(2);
    }
    expect([10, 20, 30].map((mebibytes) => mebibytes * MEBIBYTE)).toEqual(expect.arrayContaining([...seen]));
  });

  it('puts lines together that come in pieces', async () => {
    const { monitor } = monitorWith({ rounds: [[using(1234), using(5678, A_DIVIDED_A100)]], pieces: 5 });
    expect(await monitor.read(uuidsOf(AN_H200, A_DIVIDED_A100))).toMatchObject([
      { usedMemoryBytes: 1234 * MEBIBYTE },
      { usedMemoryBytes: 5678 * MEBIBYTE },
    ]);
  });

  it('does not wait for a GPU that the program no longer tells of', async () => {
    const { monitor } = monitorWith({ rounds: [[AN_H200]] });
    expect(await monitor.read(uuidsOf(AN_H200, A_GB10))).toEqual([expect.objectContaining({}), UNKNOWN]);
  });

  it('does not believe the line that a program was writing when it died', async () => {
    const cutLine = `${String(AN_H200.uuid)}, 0, 9, 1`;
    const { monitor } = monitorWith({ endsAfter: { rounds: 0 }, cutLine });
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    expect(problems).toEqual([expect.stringContaining('code 1')]);
  });

  it('starts another program when one has died, and says the same problem once', async () => {
    const { stub, monitor } = monitorWith({ says: { text: 'Failed to initialize NVML: Unknown Error\n', code: 255 } });
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    expect(stub.starts()).toHaveLength(2);
    expect(problems).toEqual(['it ended with code 255; Failed to initialize NVML: Unknown Error']);
  });

  it('ends a program that never answers', async () => {
    const { stub, monitor } = monitorWith({ hangs: true }, { patienceSeconds: 2 });
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    expect(problems).toEqual(['it told nothing for 2 s']);
    await until(() => !stub.starts().some(isAlive));
  });

  it('does not give an old answer of a program that hangs for a new one', async () => {
    const { stub, monitor } = monitorWith(
      { rounds: [[AN_H200]], endsAfter: { rounds: 1, hangs: true } },
      { patienceSeconds: 1 },
    );
    // Where the machine is so busy that even the first answer is late, that is what is said of it.
    await monitor.read(uuidsOf(AN_H200));
    await after(1100);
    const [first] = stub.starts();
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    await until(() => first === undefined || !isAlive(first));
  });

  it('ends the program when nobody asks any more, and starts it again when somebody does', async () => {
    const { stub, monitor } = monitorWith({ rounds: [[AN_H200]] }, { idleSeconds: 0.2 });
    // The program may take longer to start than it is kept for: then it is ended before it has answered.
    await monitor.read(uuidsOf(AN_H200));
    await until(() => !stub.starts().some(isAlive));
    await monitor.read(uuidsOf(AN_H200));
    expect(stub.starts().length).toBeLessThanOrEqual(2);
  });

  it('ends the program with the service, and starts none after that', async () => {
    const { stub, monitor } = monitorWith({ rounds: [[AN_H200]] });
    await monitor.read(uuidsOf(AN_H200));
    monitor.close();
    await until(() => !stub.starts().some(isAlive));
    expect(await monitor.read(uuidsOf(AN_H200))).toEqual([UNKNOWN]);
    expect(stub.starts()).toHaveLength(1);
    expect(problems).toEqual([]);
  });
});
