import { setTimeout as sleep } from 'node:timers/promises';
import { divideOnGpu } from '../../../src/profiling/child/divide-on-gpu.js';
import type { EngineWorkload } from '../../../src/profiling/child/engine-workload.js';
import type { SteadyState } from '../../../src/profiling/child/steady-state.js';
import type { SessionOptions } from '../../../src/engine/runtime/session.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const STEADY: SteadyState = {
  stepSeconds: { median: 10, p05: 10, p95: 10, count: 9 },
  stable: true,
  warmupSteps: 2,
  shortened: false,
  cpuMeanPercent: 0,
  cpuPeakPercent: 0,
  peakRssBytes: null,
  endRssBytes: 0,
};
const ON_GPU = { ...WORKLOAD, device: 'cuda:1' } as const;
const never = (): Promise<never> => Promise.reject(new Error('is not to be called'));

const workload = (loadForward: EngineWorkload['loadForward']): EngineWorkload => ({
  plannedPeakBytes: 0,
  costsOf: never,
  load: never,
  loadForward,
});

describe('the phases of a step of onnxruntime on a GPU', () => {
  it('are the forward pass alone and the rest, of which no optimizer is told apart', async () => {
    const asked: SessionOptions[] = [];
    let released = 0;
    const forward = workload((options) => {
      asked.push(options);
      return Promise.resolve({
        run: async () => {
          await sleep(20);
          return {
            losses: null,
            reached: {
              objectsPerImage: null,
              positivesPerImage: null,
              candidatesPerImage: null,
              detectionsPerImage: null,
            },
          };
        },
        endTrace: () => undefined,
        release: () => {
          released++;
          return Promise.resolve();
        },
      });
    });
    const { shares, trace, operators } = await divideOnGpu(ON_GPU, forward, STEADY, () => undefined);
    expect(asked).toEqual([{ threads: WORKLOAD.threads, device: 'cuda:1' }]);
    expect(released).toBe(1);
    expect(shares.optimizer).toBeNull();
    expect(shares.forward).toBeGreaterThanOrEqual(0.0015);
    expect(shares.forward).toBeLessThan(0.1);
    expect(shares.forward + shares.backward).toBeCloseTo(1);
    expect({ trace, operators }).toEqual({ trace: null, operators: [] });
  });

  it('are of an inference the forward pass', async () => {
    const { shares } = await divideOnGpu(ON_GPU, workload(null), STEADY, () => undefined);
    expect(shares).toEqual({ forward: 1, backward: 0, optimizer: null });
  });
});
