import { Predictions } from '../../src/predicting/predictions.js';
import { ProfilesRepository } from '../../src/profiles/profiles.repository.js';
import type { ApplicationType, RuntimeName, Workload } from '../../src/profiles/workload.js';
import { A_MACHINE, aMeasurement } from '../fixtures/measurements.js';
import { workloadOf } from '../fixtures/observed.js';
import { post, type Reply } from './support/requests.js';
import { type RunningService, startService } from './support/start-service.js';

const PYTORCH = { python: '3.11.2', torch: '2.6.0', torchvision: '0.21.0', cuda: null };
const MACHINE = { ...A_MACHINE, pytorch: PYTORCH };
const BATCHES = [2, 3, 4, 6, 8, 12];
const SIDES = [96, 128];

function workload(runtime: RuntimeName, applicationType: ApplicationType, batchSize: number, side: number): Workload {
  const imageSize = [side, side] as const;
  const threads = MACHINE.allowedCores;
  return workloadOf({ architecture: 'resnet18', applicationType, batchSize, imageSize, runtime, threads });
}

/** By torch, in a profile; there is no Python here that could have measured them. */
const STORED = BATCHES.flatMap((batch) => SIDES.map((side) => workload('pytorch', 'training', batch, side)));

describe('stored measurements of PyTorch', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService(undefined, 32, { machine: MACHINE, predicts: true });
    const profiles = service.app.get(ProfilesRepository);
    const others = [workload('onnxruntime', 'training', 4, 96)];
    for (const [index, stored] of [...STORED, ...others].entries()) {
      await profiles.add(MACHINE, { ...aMeasurement(stored, { id: `m${index}` }) });
    }
    // Profiles are looked at once a second.
    await service.app.get(Predictions).settle();
  });

  afterAll(() => service.stop());

  const request = { architecture: 'resnet18', application_type: 'training', batch_size: 5, image_size: [112, 112] };
  const ask = (endpoint: string, changes: object): Promise<Reply> =>
    post(`${service.url}/api/v1/${endpoint}`, { ...request, runtime: 'pytorch', ...changes });

  it('predict a workload between them, and what they rest on is theirs alone', async () => {
    const { status, body } = await ask('estimate-resource', { source: 'predicted' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        kind: 'interpolated',
        support: 'inside',
        runtime: { name: 'pytorch', version: PYTORCH.torch },
        rests_on: { measurement_count: STORED.length },
        warnings: [],
      },
    });
    // As `aMeasurement` has it, whatever the size: 0.03 s an image, and 0.016 s.
    const { intervals } = body as { intervals: { step_seconds: { low: number; central: number; high: number } } };
    expect(intervals.step_seconds.central / (5 * 0.03 + 0.016)).toBeCloseTo(1, 0.5);
    expect(intervals.step_seconds.low).toBeLessThan(intervals.step_seconds.central);
    expect(service.measuring.asked).toEqual([]);
  });

  it('say what a whole training takes', async () => {
    const { body } = await ask('estimate-training-time', { source: 'predicted', dataset_size: 100, epochs: 2 });
    const { 'Total Training Time': total, 'Batch Time': batch } = body as {
      'Total Training Time': number;
      'Batch Time': { forward_pass: number; backward_pass: number };
    };
    expect(total).toBeCloseTo(40 * (batch.forward_pass + batch.backward_pass), 6);
  });

  it('say what fits, and the largest batch', async () => {
    const { body } = await ask('estimate-fit', { memory_budget_bytes: 900_000_000 });
    expect(body).toMatchObject({ fits: true, kind: 'interpolated', runtime: { name: 'pytorch' } });
    expect(body.largest_batch_size).toBeGreaterThanOrEqual(5);
    expect(body.breakdown).toMatchObject({ weights_bytes: expect.any(Number) as number });
    expect((await ask('estimate-fit', { memory_budget_bytes: 450_000_000 })).body).toMatchObject({ fits: false });
  });

  it('say nothing of onnxruntime, and its own say nothing of them', async () => {
    const inference = { application_type: 'inference', source: 'predicted' };
    for (const runtime of ['pytorch', 'onnxruntime']) {
      expect(await ask('estimate-resource', { ...inference, runtime })).toMatchObject({
        status: 409,
        body: { type: 'nothing-to-predict-from', proposal: { application_type: 'inference' } },
      });
    }
    const { status, body } = await ask('estimate-resource', { runtime: 'onnxruntime', source: 'predicted' });
    // One measurement without a trace says nothing of operators.
    expect(status).toBe(409);
    expect(body.detail).toContain('with onnxruntime');
    expect((await ask('estimate-resource', inference)).body.detail).toContain('npm run calibrate -- --runtime pytorch');
  });
});
