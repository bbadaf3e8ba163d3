import { workloadCodec } from '../../../src/profiles/measurement.codec.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

describe('a workload that was written before there was a choice of intervals', () => {
  it.each([
    ['stepwise', null],
    ['interval', 0.01],
  ] as const)('is the same as now by default: %s', (monitoring, samplingIntervalSeconds) => {
    const now = { ...A_TRAINING, monitoring, samplingIntervalSeconds };
    const written = { ...(workloadCodec.encode(now) as object), sampling_interval_seconds: undefined };
    expect(workloadKey(workloadCodec.decode(written, 'workload'))).toBe(workloadKey(now));
  });
});
