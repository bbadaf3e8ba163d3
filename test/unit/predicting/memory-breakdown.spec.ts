import { breakdownOf } from '../../../src/predicting/memory-breakdown.js';
import { liveParts, plannedPeakBytes } from '../../../src/predicting/thread/planned-memory.js';
import { someLiveParts } from '../../fixtures/predictions.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

const sum = (parts: object): number => (Object.values(parts) as number[]).reduce((total, bytes) => total + bytes, 0);

describe('what memory is for', () => {
  const live = someLiveParts({ ...A_TRAINING, batchSize: 5 });

  it('sums to the peak, whatever that is', () => {
    for (const peak of [3_000_000_000, 1_500_000_000, 1_000_000_000, 700_000_000, 100_000_001]) {
      expect(sum(breakdownOf(live, peak))).toBe(peak);
    }
  });

  it('is as planned where there is room for that', () => {
    expect(breakdownOf(live, 1_500_000_000)).toEqual({ ...live, runtimeBytes: 400_000_000 });
  });

  it('leaves weights as large as they are, and what passes no more than there is room for', () => {
    // 400 MB stay; 700 MB would pass through the other 350.
    expect(breakdownOf(live, 750_000_000)).toEqual({
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
    const workloadOf = (batchSize: number) => ({ ...A_TRAINING, ...counts, batchSize });
    const two = liveParts(workloadOf(2));
    const four = liveParts(workloadOf(4));
    // 3,440,060 parameters of SSDlite with 91 classes and what is stored with them, 4 bytes each.
    expect(two.weightsBytes / 4).toBeGreaterThan(3_440_060);
    expect(four.weightsBytes).toBe(two.weightsBytes);
    expect(four.activationsBytes).toBeGreaterThan(1.5 * two.activationsBytes);
    // Of small batches the loading of the model takes the most.
    const peaks = [2, 64].map((batchSize) => plannedPeakBytes(workloadOf(batchSize)));
    expect(peaks[0]).toBeGreaterThan(sum(two));
    expect(peaks[1]).toBeGreaterThan(Number(peaks[0]));
  });
});
