import type { Interval } from '../../src/prediction/prediction.js';
import { post, type Reply } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';
import { readTestCases, type TestCase } from './support/test-cases.js';

/**
 * Sends every row of `test-cases/` to a running service: to one started here, whose measurements are imaginary, or to
 * the one at SERVICE_URL, which measures.
 */
const remote = process.env.SERVICE_URL;

jest.setTimeout(remote === undefined ? 30_000 : 900_000);

describe('the cases of test-cases/', () => {
  let service: RunningService | null = null;
  let url: string;

  beforeAll(async () => {
    service = remote === undefined ? await startService() : null;
    url = remote ?? service?.url ?? '';
  });

  afterAll(() => service?.stop());

  async function send({ path, request, samples }: TestCase): Promise<Reply> {
    let last = await post(`${url}${path}`, request);
    for (let sample = 1; sample < samples; sample++) {
      last = await post(`${url}${path}`, request);
    }
    return last;
  }

  describe.each(readTestCases('estimates.csv').map((row) => [row.name, row] as const))('%s', (_name, row) => {
    it(`is answered by ${row.path}`, async () => {
      const { status, body } = await send(row);
      expect({ status, body }).toMatchObject({ status: row.expectedStatus });
      for (const [path, value] of Object.entries(row.expected)) {
        expect([path, valueAt(body, path)]).toEqual([path, value]);
      }
      expectWellFormed(row, body);
    });
  });

  describe.each(readTestCases('refusals.csv').map((row) => [row.name, row] as const))('%s', (_name, row) => {
    it(`is refused by ${row.path}, and nothing is measured`, async () => {
      const before = service?.measuring.asked.length;
      const { status, contentType, body } = await send(row);
      expect({ status, body }).toMatchObject({ status: row.expectedStatus, body: { type: row.expected.type } });
      expect(contentType).toMatch('application/problem+json');
      const errors = body.errors as { pointer: string; detail: string }[];
      const error = errors.find(({ pointer }) => pointer === row.expected.pointer);
      expect({ errors, detail: error?.detail }).toMatchObject({
        detail: expect.stringContaining(String(row.expected.text)) as unknown,
      });
      expect(service?.measuring.asked.length).toBe(before);
    });
  });
});

/** `warnings.CODE` asks whether there is such a warning; any other path leads through the members. */
function valueAt(body: unknown, path: string): unknown {
  const [first, second] = path.split('.');
  if (first === 'warnings') {
    const { warnings } = body as { warnings: { code: string }[] };
    return warnings.some(({ code }) => code === second) || null;
  }
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], body);
}

/** What holds for every answer, whatever was asked. */
function expectWellFormed({ path, request }: TestCase, body: Record<string, unknown>): void {
  expect(body).toMatchObject({ units: { memory: 'byte', time: 'second', utilization: 'percent' } });
  if (path.endsWith('inference-time')) {
    const batchKey = `Batch of ${String(request.batch_size)} Inference Time`;
    expect(body['1-Image Inference Time']).toBeGreaterThan(0);
    expect(body[batchKey]).toBeGreaterThan(0);
    return;
  }
  if (path.endsWith('fit')) {
    for (const name of ['needed_bytes', 'peak_rss_bytes']) {
      const { low, central, high } = body[name] as Interval;
      expect([low, central, high]).toEqual([low, central, high].sort((one, other) => one - other));
    }
    const parts = Object.values(body.breakdown as Record<string, number>);
    expect(parts.reduce((sum, bytes) => sum + bytes, 0)).toBe((body.peak_rss_bytes as Interval).central);
    expect(Number(body.memory_budget_bytes) - (body.needed_bytes as Interval).high).toBe(body.headroom_bytes);
    return;
  }
  const time = body['Batch Time'] as { forward_pass: number; backward_pass: number | null };
  expect(time.forward_pass).toBeGreaterThan(0);
  if (path.endsWith('training-time')) {
    const batches = Math.ceil(Number(request.dataset_size) / Number(request.batch_size));
    const total = (time.forward_pass + Number(time.backward_pass)) * batches * Number(request.epochs);
    const lines = body.lines as { name: string; seconds: number }[];
    expect(lines[0]).toMatchObject({ name: 'training', seconds: total });
    expect(body['Total Training Time']).toBe(lines.reduce((sum, { seconds }) => sum + seconds, 0));
    return;
  }
  expect(body).toMatchObject({ 'Peak GPU Memory': null, 'Peak GPU Utilization': null, 'VRAM before training': null });
  expect(body['Peak RAM Memory']).toBeGreaterThan(Number(body['RAM before training']));
  expect(body['Peak CPU Utilization']).toBeGreaterThan(0);
}
