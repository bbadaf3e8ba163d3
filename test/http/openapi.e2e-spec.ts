import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLES } from '../../src/estimates/api-examples.js';
import { aPrediction } from '../fixtures/predictions.js';
import { get, post } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

const FILE = join(__dirname, '../../docs/openapi.json');

interface Operation {
  readonly summary?: string;
  readonly responses: Record<string, unknown>;
}

describe('the OpenAPI document', () => {
  let service: RunningService;
  let document: Record<string, unknown>;

  beforeAll(async () => {
    service = await startService();
    document = (await get(`${service.url}/openapi.json`)).body;
  });

  afterAll(() => service.stop());

  it('is the one in docs/openapi.json; `npm run openapi` writes that', () => {
    if (process.env.WRITE_GENERATED !== undefined) {
      writeFileSync(FILE, JSON.stringify(document));
    }
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(document);
  });

  it('refers to no schema that it does not have', () => {
    const { schemas } = document.components as { schemas: object };
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    expect(references.map(([, name]) => name).filter((name) => !Object.hasOwn(schemas, String(name)))).toEqual([]);
  });

  it('says of every operation what it is for', () => {
    const paths = Object.values(document.paths as Record<string, Record<string, Operation>>);
    const operations = paths.flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(22);
    for (const { summary } of operations) {
      expect(summary).toMatch(/\w/);
    }
  });

  it('states the limits that the validation has', () => {
    const { schemas } = document.components as { schemas: Record<string, { properties: object }> };
    expect(schemas.EstimateTrainingTimeDto).toMatchObject({
      additionalProperties: false,
      required: expect.arrayContaining([
        'architecture',
        'batch_size',
        'image_size',
        'dataset_size',
        'epochs',
      ]) as unknown,
      properties: {
        batch_size: { type: 'integer', minimum: 1, maximum: 1024 },
        application_type: { enum: ['training'] },
      },
    });
  });

  it.each([
    ['estimate-resource', EXAMPLES.training],
    ['estimate-resource', EXAMPLES.inference],
    ['estimate-resource', EXAMPLES.segmentation],
    ['estimate-resource', EXAMPLES.classification],
    ['estimate-fit', EXAMPLES.fit],
    ['estimate-training-time', EXAMPLES.trainingTime],
    ['estimate-training-time', EXAMPLES.wholeTrainingTime],
    ['estimate-training-time', EXAMPLES.nestedTrainingTime],
    ['estimate-inference-time', EXAMPLES.inference],
    ['estimate-inference-time', EXAMPLES.nestedInferenceTime],
  ])('has examples for %s that work', async (path, request) => {
    expect(await post(`${service.url}/api/v1/${path}`, request)).toMatchObject({ status: 200 });
  });

  it.each([
    ['estimate-resource', EXAMPLES.training, 'measured'],
    ['estimate-resource', EXAMPLES.training, 'predicted'],
    ['estimate-fit', EXAMPLES.fit, 'planned'],
    ['estimate-fit', EXAMPLES.fit, 'predicted'],
    ['estimate-training-time', EXAMPLES.trainingTime, 'measured'],
    ['estimate-training-time', EXAMPLES.wholeTrainingTime, 'predicted'],
    ['estimate-training-time', EXAMPLES.nestedTrainingTime, 'computed'],
    ['estimate-inference-time', EXAMPLES.inference, 'measured'],
    ['estimate-inference-time', EXAMPLES.inference, 'predicted'],
  ])('describes every member of the answer of %s', async (path, example, kind) => {
    service.predictions.behaviour = (workload) =>
      kind === 'predicted' ? aPrediction(workload, { kind, support: 'beyond' }) : null;
    const isOther = kind === 'predicted' && path !== 'estimate-fit';
    // Of another batch than those that were measured.
    const request = { ...example, ...(isOther && { source: kind, batch_size: 5 }) };
    const { body } = await post(`${service.url}/api/v1/${path}`, request);
    const operation = (document.paths as Record<string, Record<string, Operation>>)[`/api/v1/${path}`]?.post;
    const response = operation?.responses['200'] as {
      content: { 'application/json': { schema: { properties: object; required: string[] } } };
    };
    const { properties, required } = response.content['application/json'].schema;
    const undescribed = Object.keys(body).filter((name) => !(name in properties) && !name.startsWith('Batch of '));
    expect(undescribed).toEqual([]);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(required));
    expect(body.kind).toBe(kind);
  });
});
