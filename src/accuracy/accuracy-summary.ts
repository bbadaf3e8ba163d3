import { quantile } from '../common/quantile.js';
import type { Support } from '../prediction/prediction.js';
import { RUNTIMES, type RuntimeName } from '../profiles/workload.js';
import { QUANTITIES, SUPPORTS, type Comparison, type LedgerEntry, type Quantity } from './ledger-entry.js';

/** How far predictions of one kind were from what was measured then. */
export interface ErrorSummary {
  readonly runtime: RuntimeName;
  readonly support: Support;
  readonly quantity: Quantity;
  readonly count: number;
  /** Of the absolute errors, in percent of what was measured. */
  readonly medianErrorPercent: number;
  readonly p95ErrorPercent: number;
  /** How many of the 90 % intervals held what was measured. */
  readonly intervalsHeld: number;
  readonly intervalsHeldPercent: number;
}

export interface ArchitectureErrors extends ErrorSummary {
  readonly architecture: string;
}

interface Predicted extends Comparison {
  readonly runtime: RuntimeName;
  readonly support: Support;
}

/** Of all together, by runtime, support and quantity; what there is nothing of is left out. */
export function pooledErrors(entries: readonly LedgerEntry[]): ErrorSummary[] {
  const all = entries.flatMap(predictedIn);
  return RUNTIMES.flatMap((runtime) =>
    SUPPORTS.flatMap((support) =>
      QUANTITIES.flatMap((quantity) => {
        const some = all.filter(
          (one) => one.runtime === runtime && one.support === support && one.quantity === quantity,
        );
        return some.length === 0 ? [] : [{ runtime, support, quantity, ...errorsOf(some) }];
      }),
    ),
  );
}

/** The same of each architecture, by their names. */
export function errorsByArchitecture(entries: readonly LedgerEntry[]): ArchitectureErrors[] {
  const names = [...new Set(entries.map(({ workload }) => workload.architecture))].sort();
  return names.flatMap((architecture) =>
    pooledErrors(entries.filter(({ workload }) => workload.architecture === architecture)).map((errors) => ({
      architecture,
      ...errors,
    })),
  );
}

function predictedIn({ workload: { runtime }, support, comparisons }: LedgerEntry): Predicted[] {
  return comparisons.map((comparison) => ({ ...comparison, runtime, support }));
}

function errorsOf(compared: readonly Predicted[]): Omit<ErrorSummary, 'runtime' | 'support' | 'quantity'> {
  const errors = compared
    .map(({ predicted, measured }) => (100 * Math.abs(predicted.central - measured)) / measured)
    .sort((left, right) => left - right);
  const held = compared.filter(({ predicted, measured }) => predicted.low <= measured && measured <= predicted.high);
  return {
    count: compared.length,
    medianErrorPercent: quantile(errors, 0.5),
    p95ErrorPercent: quantile(errors, 0.95),
    intervalsHeld: held.length,
    intervalsHeldPercent: (100 * held.length) / compared.length,
  };
}
