import { choice, list, moment, number, object, text } from '../common/codec.js';
import { conditionsCodec, type Conditions } from '../hardware/conditions.js';
import type { Interval, Support } from '../prediction/prediction.js';
import { workloadCodec } from '../profiles/measurement.codec.js';
import type { Workload } from '../profiles/workload.js';

/** What predictions tell that measurements can confirm; seconds and bytes. */
export const QUANTITIES = ['training_step_seconds', 'inference_seconds', 'peak_rss_bytes'] as const;

export type Quantity = (typeof QUANTITIES)[number];

export const SUPPORTS = ['inside', 'beyond', 'unmeasured'] as const satisfies readonly Support[];

/** A figure as it was predicted, and as it was measured then. */
export interface Comparison {
  readonly quantity: Quantity;
  readonly predicted: Interval;
  readonly measured: number;
}

/** A measurement compared with what had been predicted just before it was made: a line of the ledger. */
export interface LedgerEntry {
  readonly schemaVersion: 1;
  readonly measurementId: string;
  readonly measuredAt: string;
  readonly workload: Workload;
  /** What it was measured with: predictions are made of measurements with the same. */
  readonly conditions: Conditions;
  readonly support: Support;
  /** Measurements that the prediction rested on. */
  readonly measurementCount: number;
  readonly comparisons: readonly Comparison[];
}

export const ledgerEntryCodec = object<LedgerEntry>({
  schemaVersion: choice([1]),
  measurementId: text(),
  measuredAt: moment(),
  workload: workloadCodec,
  conditions: conditionsCodec,
  support: choice(SUPPORTS),
  measurementCount: number(),
  comparisons: list(
    object<Comparison>({
      quantity: choice(QUANTITIES),
      predicted: object<Interval>({ low: number(), central: number(), high: number() }),
      measured: number(),
    }),
  ),
});
