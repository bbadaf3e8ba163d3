import { choice, count, list, named, number, object, text } from '../common/codec.js';
import { RUNTIMES } from '../profiles/workload.js';
import type { ArchitectureErrors, ErrorSummary } from './accuracy-summary.js';
import { QUANTITIES, SUPPORTS } from './ledger-entry.js';

interface Accuracy {
  readonly machineId: string;
  readonly comparedMeasurements: number;
  readonly staleMeasurements: number;
  readonly pooled: readonly ErrorSummary[];
  readonly architectures: readonly ArchitectureErrors[];
}

const errorFields = {
  runtime: choice(
    RUNTIMES,
    'What executed the networks: predictions of one runtime rest on nothing that another took.',
  ),
  support: choice(SUPPORTS, 'What the predictions rested on; see `PredictedEvidence`.'),
  quantity: choice(QUANTITIES),
  count: count('Predictions that were compared.'),
  medianErrorPercent: number('Median of the absolute errors, in percent of what was measured.'),
  p95ErrorPercent: number('Their 95th percentile.'),
  intervalsHeld: count('Predictions whose 90 % interval held what was measured.'),
  intervalsHeldPercent: number('The same in percent of all.'),
};

export const accuracyCodec = named(
  'Accuracy',
  object<Accuracy>({
    machineId: text(),
    comparedMeasurements: count(
      'Measurements that had been predicted just before they were made, from what was measured until then.',
    ),
    staleMeasurements: count('Further ones, made with what the machine no longer has: they are not counted below.'),
    pooled: list(object<ErrorSummary>(errorFields), 'Of all architectures together; empty when there is nothing yet.'),
    architectures: list(object<ArchitectureErrors>({ architecture: text(), ...errorFields })),
  }),
);
