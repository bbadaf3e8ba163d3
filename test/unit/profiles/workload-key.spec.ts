import { workloadKey } from '../../../src/profiles/workload-key.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

describe('the key of a workload', () => {
  it('does not depend on the order of its members', () => {
    const { options, ...others } = A_TRAINING;
    const reversed = Object.fromEntries(Object.entries({ options, ...others }).reverse()) as unknown as Workload;
    expect(workloadKey(reversed)).toBe(workloadKey(A_TRAINING));
  });

  it.each<Partial<Workload>>([
    { architecture: 'other' },
    { options: { ...A_TRAINING.options, numClasses: 2 } },
    { options: { ...A_TRAINING.options, weightsBackbone: 'none' } },
    { options: { ...A_TRAINING.options, trainableBackboneLayers: 0 } },
    { options: { ...A_TRAINING.options, minSize: 320 } },
    { options: { ...A_TRAINING.options, maxSize: 320 } },
    { options: { ...A_TRAINING.options, auxLoss: true } },
    { options: { ...A_TRAINING.options, auxLoss: false } },
    { applicationType: 'inference' },
    { batchSize: 4 },
    { imageSize: [320, 321] },
    { imageSize: [321, 320] },
    { objectsPerImage: 8 },
    { candidatesPerImage: 1 },
    { detectionsPerImage: 1 },
    { optimizer: null },
    { threads: 1 },
    { monitoring: 'interval' },
    { samplingIntervalSeconds: 0.05 },
  ])('is another one with %j', (change) => {
    expect(workloadKey({ ...A_TRAINING, ...change })).not.toBe(workloadKey(A_TRAINING));
  });

  it('tells heights from widths', () => {
    const tall = workloadKey({ ...A_TRAINING, imageSize: [640, 320] });
    const wide = workloadKey({ ...A_TRAINING, imageSize: [320, 640] });
    expect(tall).not.toBe(wide);
  });
});
