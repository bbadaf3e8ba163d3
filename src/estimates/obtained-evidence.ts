import type { SchemaObject } from '../common/open-api.js';
import { evidenceCodec, evidenceOf } from './evidence.js';
import { isPrediction, type Obtained } from './obtained.js';
import { predictedEvidenceCodec, predictedEvidenceOf } from './predicted-evidence.js';

/** What an answer rests on, as it is written: a measurement, or what a prediction was made of. */
export function obtainedEvidence(obtained: Obtained): Readonly<Record<string, unknown>> {
  return isPrediction(obtained)
    ? predictedEvidenceCodec.encode(predictedEvidenceOf(obtained))
    : evidenceCodec.encode(evidenceOf(obtained));
}

/** Members of either kind, for answers that have them beside their own. */
export const obtainedEvidenceSchema = {
  required: requiredOf(evidenceCodec.definition).filter((name) =>
    requiredOf(predictedEvidenceCodec.definition).includes(name),
  ),
  properties: { ...predictedEvidenceCodec.definition.properties, ...evidenceCodec.definition.properties },
} satisfies SchemaObject;

/** The evidence of one figure of several, which stands by itself. */
export const obtainedEvidenceSchemaOfOne: SchemaObject = {
  oneOf: [evidenceCodec.schema, predictedEvidenceCodec.schema],
};

function requiredOf({ required }: SchemaObject): readonly string[] {
  return required ?? [];
}
