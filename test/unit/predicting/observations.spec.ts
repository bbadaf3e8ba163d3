import { conditionsOf } from '../../../src/hardware/conditions.js';
import { observable, observationOf } from '../../../src/predicting/observations.js';
import type { KeptMeasurement } from '../../../src/profiles/kept-measurement.js';
import type { Profile } from '../../../src/profiles/profile.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';

function kept(id: string, changes: Partial<KeptMeasurement> = {}): KeptMeasurement {
  return { ...aMeasurement(A_TRAINING, { id }), conditions: conditionsOf(A_MACHINE), ...changes };
}

function observed(measurements: readonly KeptMeasurement[]): string[] {
  const profile: Profile = {
    schemaVersion: 2,
    machine: A_MACHINE,
    architecture: A_TRAINING.architecture,
    measurements,
  };
  return observable([profile], A_MACHINE).map(({ id }) => id);
}

const SHORTENED = { protocol: { ...THE_LIMITS, shortened: true } };

describe('what predictions rest on', () => {
  it('is the newest measurement of each workload', () => {
    const other = kept('other', { workload: { ...A_TRAINING, batchSize: 2 } });
    expect(observed([kept('old'), other, kept('new')])).toEqual(['new', 'other']);
  });

  it('is one of those whose memory and CPU were followed in different ways', () => {
    const sampled = { ...A_TRAINING, monitoring: 'interval', samplingIntervalSeconds: 0.05 } as const;
    expect(observed([kept('stepwise'), kept('sampled', { workload: sampled })])).toEqual(['sampled']);
  });

  it('is nothing of another runtime, device or precision', () => {
    const others = [{ runtime: 'pytorch' }, { device: 'cuda:0' }, { precision: 'bf16' }] as const;
    const measured = others.map((other, index) => kept(`other-${index}`, { workload: { ...A_TRAINING, ...other } }));
    expect(observed([kept('own'), ...measured])).toEqual(['own']);
  });

  it('is one that was not cut short, where there is one', () => {
    expect(observed([kept('whole'), kept('short', SHORTENED)])).toEqual(['whole']);
    expect(observed([kept('shorter', SHORTENED), kept('short', SHORTENED)])).toEqual(['short']);
  });

  it('is nothing of an architecture that is not known here', () => {
    const later: Profile = {
      schemaVersion: 2,
      machine: A_MACHINE,
      architecture: 'resnet9000',
      measurements: [kept('m')],
    };
    expect(observable([later], A_MACHINE)).toEqual([]);
  });

  it('is nothing that was measured with what the machine no longer has', () => {
    const stale = kept('stale', { conditions: { ...conditionsOf(A_MACHINE), engineVersion: '0.0.0' } });
    expect(observed([kept('fresh'), stale])).toEqual(['fresh']);
    expect(observed([stale])).toEqual([]);
  });

  it('has the figures of the measurement', () => {
    const measurement = kept('m');
    expect(observationOf(measurement, null)).toEqual({
      id: 'm',
      workload: A_TRAINING,
      stepSeconds: measurement.times.stepSeconds.median,
      forwardSeconds: measurement.times.forwardSeconds,
      backwardSeconds: measurement.times.backwardSeconds,
      optimizerSeconds: measurement.times.optimizerSeconds,
      baselineRssBytes: 90_000_000,
      peakRssBytes: 800_000_000,
      loadingPeakRssBytes: 300_000_000,
      fileRssBytes: 50_000_000,
      cpuPeakPercent: 97.5,
      costs: null,
    });
  });
});
