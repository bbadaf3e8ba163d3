import { isPrediction, type Obtained, type ObtainedMeasurement, type ObtainedPrediction } from './obtained.js';
import { measurementWarnings, type Warning } from './warning.js';

/** What to know of a measurement or prediction before trusting it. */
export function obtainedWarnings(obtained: Obtained): Warning[] {
  return isPrediction(obtained) ? predictionWarnings(obtained) : madeWarnings(obtained);
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

function predictionWarnings({ workload: { architecture }, prediction: { support } }: ObtainedPrediction): Warning[] {
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
          detail: `${architecture} never ran on this machine: predicted from its graph, and from what the operators of other networks took here. ${SETTLE}`,
        },
      ];
  }
}
