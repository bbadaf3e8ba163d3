import {
  isPrediction,
  type Obtained,
  type ObtainedMeasurement,
  type ObtainedPrediction,
  type Quantity,
} from './obtained.js';
import { calibrating } from './calibrating.js';
import { measurementWarnings, type Warning } from './warning.js';

/** What to know of a measurement or prediction before trusting it. @param quantities that the answer tells */
export function obtainedWarnings(obtained: Obtained, quantities: readonly Quantity[]): Warning[] {
  return isPrediction(obtained)
    ? [...supportWarnings(obtained), ...untriedWarnings(obtained, quantities)]
    : madeWarnings(obtained);
}

/** Where one of several figures is meant. */
export function about(what: string, { code, detail }: Warning): Warning {
  return { code, detail: `Of the ${what}: ${detail}` };
}

function madeWarnings({ measurement, kept, trouble = '' }: ObtainedMeasurement): Warning[] {
  const notKept: Warning = {
    code: 'not-kept',
    detail:
      `The measurement could not be written to the profiles, so the same request will measure again. ${trouble}`.trim(),
  };
  return [...measurementWarnings(measurement), ...(kept ? [] : [notKept])];
}

const SETTLE = 'The request under `proposal`, sent to /api/v1/estimate-resource, measures what would settle it.';

function supportWarnings({ workload: { architecture }, prediction: { support } }: ObtainedPrediction): Warning[] {
  switch (support) {
    case 'inside':
      return [];
    case 'beyond':
      return [
        {
          code: 'beyond-measured',
          detail: `The workload lies outside of the batches, sizes and counts that were measured of ${architecture} on this machine. ${SETTLE}`,
        },
      ];
    case 'unmeasured':
      return [
        {
          code: 'unmeasured-architecture',
          detail: `${architecture} never ran on this machine: predicted from its graph, and from what other networks took here. ${SETTLE}`,
        },
      ];
  }
}

/** Where the ends of an interval are a guess. */
function untriedWarnings(
  { workload, prediction, basis }: ObtainedPrediction,
  quantities: readonly Quantity[],
): Warning[] {
  const trials: Readonly<Record<Quantity, number>> = {
    stepSeconds: prediction.timeTrials,
    peakRssBytes: prediction.memoryTrials,
  };
  const untried = quantities.filter((quantity) => trials[quantity] === 0).map((quantity) => IN_WORDS[quantity]);
  if (untried.length === 0) return [];
  const { measurementCount } = basis;
  const known = measurementCount === 1 ? '1 measurement' : `${String(measurementCount)} measurements`;
  const detail = `How far predictions of the ${untried.join(' and ')} are off could not be tried: ${known} of this machine took part, too few like it to predict each from the others. So the interval is a guess, up to three times the central value; more measurements make it narrower, and \`${calibrating(workload)}\` makes some.`;
  return [{ code: 'interval-untried', detail }];
}

const IN_WORDS: Readonly<Record<Quantity, string>> = { stepSeconds: 'time', peakRssBytes: 'peak of memory' };
