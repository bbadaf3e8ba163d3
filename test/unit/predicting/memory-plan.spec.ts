import { breakdownOf } from '../../../src/predicting/memory-plan.js';
import { plannedMemory } from '../../../src/predicting/thread/planned-memory.js';
import { aMemoryPlan } from '../../fixtures/predictions.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

const sum = (parts: object): number => (Object.values(parts) as number[]).reduce((total, bytes) => total + bytes, 0);

describe('what memory is for', () => {
  const plan = aMemoryPlan({ ...A_TRAINING, batchSize: 5 });

  it('sums to the peak, whatever that is', () => {
    for (const peak of [3_000_000_000, 1_500_000_000, 1_000_000_000, 700_000_000, 100_000_001]) {
      expect(sum(breakdownOf(plan, peak))).toBe(peak);
    }
  });

  it('is as planned where the peak is', () => {
    expect(breakdownOf(plan, plan.peakRssBytes)).toEqual(plan.breakdown);
  });

  it('leaves weights as large as they are, and what passes no more than there is room for', () => {
    // 400 MB stay; 700 MB would pass through the other 350.
    expect(breakdownOf(plan, 750_000_000)).toEqual({
      weightsBytes: 200_000_000,
      optimizerBytes: 200_000_000,
      gradientsBytes: 100_000_000,
      activationsBytes: 200_000_000,
      workspaceBytes: 50_000_000,
      runtimeBytes: 0,
    });
  });

  it.each(['training', 'inference'] as const)('is planned for %s, with more for more images', (applicationType) => {
    const counts =
      applicationType === 'training'
        ? { applicationType }
        : { applicationType, objectsPerImage: null, candidatesPerImage: 3000, detectionsPerImage: 300 };
    const [eight, sixteen] = [8, 16].map((batchSize) => plannedMemory({ ...A_TRAINING, ...counts, batchSize }));
    if (eight === undefined || sixteen === undefined) throw new Error('There are no plans.');
    expect(sum(eight.breakdown)).toBe(eight.peakRssBytes);
    expect(sixteen.peakRssBytes).toBeGreaterThan(eight.peakRssBytes);
    expect(sixteen.breakdown.activationsBytes).toBeGreaterThan(1.5 * eight.breakdown.activationsBytes);
    expect(sixteen.breakdown.weightsBytes).toBe(eight.breakdown.weightsBytes);
    // Parameters and running statistics of SSDlite, 4 bytes each.
    expect(eight.breakdown.weightsBytes / 4).toBeGreaterThan(3_440_060);
  });
});
