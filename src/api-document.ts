import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { accuracyCodec } from './accuracy/accuracy.codec.js';
import { architectureSummaryCodec } from './architectures/architecture-summary.codec.js';
import type { NamedCodec } from './common/codec.js';
import { memoryBreakdownCodec } from './estimates/answers/fit.answer.js';
import { EstimateFitDto } from './estimates/dto/estimate-fit.dto.js';
import { EstimateInferenceTimeDto, NestedInferenceTimeDto } from './estimates/dto/estimate-inference-time.dto.js';
import { EstimateResourceDto } from './estimates/dto/estimate-resource.dto.js';
import {
  EstimateTrainingTimeDto,
  NestedTrainingTimeDto,
  TrainingDto,
} from './estimates/dto/estimate-training-time.dto.js';
import { evidenceCodec } from './estimates/evidence.js';
import { intervalCodec } from './estimates/interval.js';
import { predictedEvidenceCodec } from './estimates/predicted-evidence.js';
import { unitsCodec } from './estimates/units.js';
import { warningCodec } from './estimates/warning.js';
import { machineCodec } from './hardware/machine.codec.js';
import { jobViewCodec } from './jobs/job.codec.js';
import {
  cpuCodec,
  gpuCodec,
  distributionCodec,
  measurementCodec,
  memoryCodec,
  networkCodec,
  protocolCodec,
  reachedCodec,
  timesCodec,
  workloadCodec,
} from './profiles/measurement.codec.js';
import { traceSummaryCodec } from './profiles/step-trace.codec.js';

/** Schemas that others refer to by name. */
const NAMED: readonly Pick<NamedCodec<never>, 'name' | 'definition'>[] = [
  accuracyCodec,
  architectureSummaryCodec,
  cpuCodec,
  gpuCodec,
  distributionCodec,
  evidenceCodec,
  intervalCodec,
  jobViewCodec,
  machineCodec,
  measurementCodec,
  memoryBreakdownCodec,
  memoryCodec,
  networkCodec,
  predictedEvidenceCodec,
  protocolCodec,
  reachedCodec,
  timesCodec,
  traceSummaryCodec,
  unitsCodec,
  warningCodec,
  workloadCodec,
];

/** Requests that refuse fields they do not know, which decorators of single fields cannot say in the document. */
const CLOSED: ReadonlySet<string> = new Set(
  [
    EstimateFitDto,
    EstimateInferenceTimeDto,
    EstimateResourceDto,
    EstimateTrainingTimeDto,
    NestedInferenceTimeDto,
    NestedTrainingTimeDto,
    TrainingDto,
  ].map(({ name }) => name),
);

const DESCRIPTION = `How long a training or an inference will take and what it will use, found by running real steps of it on this machine, or predicted from those that were run.

Memory is in bytes, time in seconds, utilisation in percent of the cores that the service may use; \`image_size\` is \`[height, width]\` in pixels.
Names with capitals and spaces are those that earlier clients know; all others are in snake_case.

Whatever is refused or fails is answered with a problem document (RFC 9457, \`application/problem+json\`) whose \`type\` is stable and whose \`errors\` point to each wrong field.`;

/** The OpenAPI document: the same whether served, written to a file or compared with that file. */
function apiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Training estimates')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('estimates', 'Measured on this machine, or answered or predicted from what was measured on it before.')
    .addTag('jobs', 'Measurements that wait for their turn, are being made, or are over.')
    .addTag('architectures', 'What can be measured.')
    .addTag('profiles', 'What was measured.')
    .addTag('accuracy', 'How well predictions have held.')
    .addTag('hardware', 'What it was measured on.')
    .addTag('health', 'For whatever keeps the service running.')
    .build();
  return complete(SwaggerModule.createDocument(app, config));
}

/** Serves the document at `/openapi.json` and Swagger UI at `/docs`. */
export function serveApiDocument(app: INestApplication): void {
  SwaggerModule.setup('docs', app, apiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Training estimates',
  });
}

function complete(document: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas };
  for (const [name, schema] of Object.entries(schemas)) {
    schemas[name] = CLOSED.has(name) ? { ...schema, additionalProperties: false } : schema;
  }
  for (const { name, definition } of NAMED) {
    schemas[name] = definition;
  }
  return { ...document, components: { ...document.components, schemas } };
}
