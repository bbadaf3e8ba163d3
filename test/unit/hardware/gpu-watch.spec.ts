import { setTimeout as after } from 'node:timers/promises';
import { GpuMonitor } from '../../../src/hardware/gpu-monitor.js';
import { GpuProcessMonitor } from '../../../src/hardware/gpu-process-monitor.js';
import { type GpuFigures, GpuWatch } from '../../../src/hardware/gpu-watch.js';
import { NvidiaSmi } from '../../../src/hardware/nvidia-smi.js';
import {
  AN_H200,
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
const UUID = AN_H200.uuid ?? '';
const using = (mebibytes: number, percent: number): typeof AN_H200 => ({
  ...AN_H200,
  'memory.used': String(mebibytes),
  'utilization.gpu': String(percent),
});
const NOTHING: GpuFigures = {
  deviceUsedBeforeBytes: null,
  deviceUsedPeakBytes: null,
  processPeakBytes: null,
  deviceMeanPercent: null,
  devicePeakPercent: null,
  processMeanPercent: null,
  processPeakPercent: null,
};

interface Watched {
  readonly watch: GpuWatch;
  readonly close: () => void;
}

async function watched(smi: NvidiaSmi, patienceSeconds = 5): Promise<Watched> {
  const timing = { patienceSeconds, idleSeconds: 60 };
  const gpus = new GpuMonitor(smi, () => undefined, { intervalSeconds: 0.05, ...timing });
  const processes = new GpuProcessMonitor(smi, () => undefined, true, timing);
  const watch = await GpuWatch.start(UUID, gpus, processes);
  watch.watches(PID);
  const close = (): void => {
    watch.close();
    gpus.close();
    processes.close();
  };
  return { watch, close };
}

it('knows nothing without the program', async () => {
  const { watch, close } = await watched(new NvidiaSmi(WITHOUT_NVIDIA_SMI));
  watch.begin();
  await after(300);
  expect(watch.end()).toEqual(NOTHING);
  close();
});

onPosix('what is seen of a process on a GPU', () => {
  const stubs: Stub[] = [];

  afterEach(async () => {
    for (const stub of stubs.splice(0)) {
      // Whatever it played, nothing is left of it.
      while (stub.starts().some(isAlive)) await after(5);
      stub.remove();
    }
  });

  async function figuresOf(
    play: Play,
    seconds: number,
    patienceSeconds?: number,
    onBegin: (stub: Stub) => void = () => undefined,
  ): Promise<GpuFigures> {
    const stub = stubNvidiaSmi(play);
    stubs.push(stub);
    const { watch, close } = await watched(new NvidiaSmi({ ...process.env, ...stub.environment }), patienceSeconds);
    // What goes on before the beginning is no part of it.
    await after(1500);
    watch.begin();
    onBegin(stub);
    await after(seconds * 1000);
    const figures = watch.end();
    close();
    return figures;
  }

  it('are the peaks and means of what the driver tells between its beginning and its end', async () => {
    const play = {
      rounds: [[using(500, 5)], [using(9000, 100)], [using(7000, 80)]],
      processes: [recording('training.txt')],
    };
    expect(await figuresOf(play, 2.5)).toEqual({
      deviceUsedBeforeBytes: 500 * MEBIBYTE,
      deviceUsedPeakBytes: 7000 * MEBIBYTE,
      processPeakBytes: 5830 * MEBIBYTE,
      deviceMeanPercent: 80,
      devicePeakPercent: 80,
      processMeanPercent: 87,
      processPeakPercent: 87,
    });
  });

  it('has no figures of the process where it is not listed', async () => {
    const play = { rounds: [[using(500, 5)]], processes: [recording('idle.txt')] };
    expect(await figuresOf(play, 1.5)).toMatchObject({
      deviceUsedPeakBytes: 500 * MEBIBYTE,
      processPeakBytes: null,
      processMeanPercent: null,
    });
  });

  it('waits for no driver that hangs', async () => {
    expect(await figuresOf({ hangs: true }, 0.3, 0.2)).toEqual(NOTHING);
  });

  it('says nothing of what it saw where the program vanishes', async () => {
    const play = { rounds: [[using(500, 5)]], endsAfter: { rounds: 40 }, processes: [recording('training.txt')] };
    // One that only ends is started again.
    const figures = await figuresOf(play, 3, undefined, ({ vanish }) => vanish());
    expect(figures).toMatchObject({ deviceUsedPeakBytes: null, deviceMeanPercent: null });
    expect(figures.processPeakBytes).toBe(5830 * MEBIBYTE);
  });

  it('says nothing of what it saw where the program falls silent', async () => {
    const play = {
      rounds: [[using(500, 5)]],
      endsAfter: { rounds: 40, hangs: true },
      processes: [recording('training.txt')],
    };
    expect(await figuresOf(play, 4)).toMatchObject({ deviceUsedPeakBytes: null, deviceMeanPercent: null });
  });
});
