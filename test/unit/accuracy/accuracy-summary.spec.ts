import { errorsByArchitecture, pooledErrors } from '../../../src/accuracy/accuracy-summary.js';
import type { LedgerEntry } from '../../../src/accuracy/ledger-entry.js';
import { conditionsOf } from '../../../src/hardware/conditions.js';
import { A_MACHINE, A_TRAINING } from '../../fixtures/measurements.js';

/** Something that was predicted to be 100, between 90 and 115. */
function entry(measured: number, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    schemaVersion: 1,
    measurementId: 'm',
    measuredAt: '2026-11-20T09:30:00.000Z',
    workload: A_TRAINING,
    conditions: conditionsOf(A_MACHINE),
    support: 'inside',
    measurementCount: 3,
    comparisons: [{ quantity: 'training_step_seconds', predicted: { low: 90, central: 100, high: 115 }, measured }],
    ...changes,
  };
}

const other = { workload: { ...A_TRAINING, architecture: 'resnet18' } };

describe('the errors of predictions', () => {
  it('are percents of what was measured, whichever way they go', () => {
    expect(pooledErrors([entry(80), entry(125), entry(100), entry(160)])).toEqual([
      {
        runtime: 'onnxruntime',
        support: 'inside',
        quantity: 'training_step_seconds',
        count: 4,
        // 25, 20, 0 and 37.5 %.
        medianErrorPercent: 22.5,
        p95ErrorPercent: expect.closeTo(25 + 12.5 * 0.85) as unknown,
        intervalsHeld: 1,
        intervalsHeldPercent: 25,
      },
    ]);
  });

  it('count the ends of an interval as held', () => {
    expect(pooledErrors([entry(90), entry(115), entry(89.9), entry(115.1)])).toMatchObject([{ intervalsHeld: 2 }]);
  });

  it('are not mixed with those of another support', () => {
    const errors = pooledErrors([entry(50, { support: 'unmeasured' }), entry(100), entry(80, { support: 'beyond' })]);
    expect(errors.map(({ support, medianErrorPercent }) => [support, medianErrorPercent])).toEqual([
      ['inside', 0],
      ['beyond', 25],
      ['unmeasured', 100],
    ]);
  });

  it('are told of each architecture by itself', () => {
    const errors = errorsByArchitecture([entry(80), entry(100, other), entry(100)]);
    expect(
      errors.map(({ architecture, count, medianErrorPercent }) => [architecture, count, medianErrorPercent]),
    ).toEqual([
      ['resnet18', 1, 0],
      ['ssdlite320_mobilenet_v3_large', 2, 12.5],
    ]);
  });
});
