import { choice, list, object, text, type Codec } from '../common/codec.js';
import { conditionsCodec, staleReasons, type Conditions } from '../hardware/conditions.js';
import type { Machine } from '../hardware/machine.js';
import { measurementCodec } from './measurement.codec.js';
import type { Measurement } from './measurement.js';

/** A measurement with what it was made with, which decides how long it answers. */
export interface KeptMeasurement extends Measurement {
  readonly conditions: Conditions;
}

const additionsCodec = object<Pick<KeptMeasurement, 'conditions'>>({ conditions: conditionsCodec });

export const keptMeasurementCodec: Codec<KeptMeasurement> = {
  schema: { allOf: [measurementCodec.schema, additionsCodec.definition] },
  encode: (kept) => ({ ...measurementCodec.encode(kept), ...additionsCodec.encode(kept) }),
  decode: (value, path) => ({ ...measurementCodec.decode(value, path), ...additionsCodec.decode(value, path) }),
};

/** What becomes of a measurement when its workload is asked for. */
export interface Standing {
  readonly state: 'answers' | 'superseded' | 'stale' | 'foreign';
  readonly staleBecause: readonly string[];
}

export const standingCodec = object<Standing>({
  state: choice(
    ['answers', 'superseded', 'stale', 'foreign'],
    '`answers`: equal requests are answered with it. `superseded`: a newer one answers. `stale`: this machine made it, ' +
      'but not with what it has now. `foreign`: another machine made it.',
  ),
  staleBecause: list(text(), 'What is no longer as it was; empty unless stale.'),
});

/** The newest that was made with what the machine has now. @param measurements of one workload, oldest first */
export function answering(measurements: readonly KeptMeasurement[], now: Conditions): KeptMeasurement | null {
  return measurements.findLast(({ conditions }) => staleReasons(conditions, now).length === 0) ?? null;
}

/** @param madeBy id of the machine that the profile is of; @param here the machine that is asked */
export function standingOf(
  measurement: KeptMeasurement,
  answer: KeptMeasurement | null,
  madeBy: string,
  here: Machine,
): Standing {
  if (madeBy !== here.id) return { state: 'foreign', staleBecause: [] };
  const staleBecause = staleReasons(measurement.conditions, here);
  if (staleBecause.length > 0) return { state: 'stale', staleBecause };
  return { state: measurement === answer ? 'answers' : 'superseded', staleBecause };
}
