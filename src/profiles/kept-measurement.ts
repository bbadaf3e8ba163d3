import { choice, list, object, text, type Codec } from '../common/codec.js';
import { conditionsCodec, staleReasons, type Conditions } from '../hardware/conditions.js';
import type { Machine } from '../hardware/machine.js';
import { measurementCodec } from './measurement.codec.js';
import type { Measurement, TimingLimits } from './measurement.js';
import { covers, reaches } from './timing-limits.js';

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
    '`answers`: equal requests are answered with it, as far as its limits reach. `superseded`: a newer one answers. `stale`: this machine made it, ' +
      'but not with what it has now. `foreign`: another machine made it.',
  ),
  staleBecause: list(text(), 'What is no longer as it was; empty unless stale.'),
});

/** Why a measurement says nothing sure about what the machine would measure now; empty where it does. */
export function staleBecause({ conditions, protocol, workload }: KeptMeasurement, now: Conditions): readonly string[] {
  const unknown = protocol === null ? ['the limits that it was measured within are not known'] : [];
  return [...staleReasons(conditions, now, workload.runtime, workload.device), ...unknown];
}

/**
 * The newest that was made with what the machine has now, within limits as wide as those asked for.
 * @param measurements of one workload, oldest first
 */
export function answering(
  measurements: readonly KeptMeasurement[],
  now: Conditions,
  limits: TimingLimits,
): KeptMeasurement | null {
  const answers = (one: KeptMeasurement): boolean =>
    one.protocol !== null && reaches(one.protocol, limits) && staleBecause(one, now).length === 0;
  return measurements.findLast(answers) ?? null;
}

/** @param group all of its workload, oldest first; @param madeBy id of the machine that the profile is of; @param here the machine that is asked */
export function standingOf(
  measurement: KeptMeasurement,
  group: readonly KeptMeasurement[],
  madeBy: string,
  here: Machine,
): Standing {
  if (madeBy !== here.id) return { state: 'foreign', staleBecause: [] };
  const reasons = staleBecause(measurement, here);
  if (reasons.length > 0) return { state: 'stale', staleBecause: reasons };
  const newer = group.slice(group.indexOf(measurement) + 1).filter((one) => staleBecause(one, here).length === 0);
  return { state: newer.some((one) => isCovered(measurement, one)) ? 'superseded' : 'answers', staleBecause: [] };
}

function isCovered({ protocol }: KeptMeasurement, by: KeptMeasurement): boolean {
  return protocol !== null && by.protocol !== null && covers(by.protocol, protocol);
}
