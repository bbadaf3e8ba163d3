import { aPrediction } from '../fixtures/predictions.js';
import { post, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('whether a workload fits', () => {
  let service: RunningService;

  beforeEach(async () => (service = await startService()));

  afterEach(() => service.stop());

  const fit = (more: object = {}) => post(`${service.url}/api/v1/estimate-fit`, { ...TRAINING, ...more });
  const predict = () => (service.predictions.behaviour = (workload) => aPrediction(workload));

  it('is told by the upper end of what is predicted', async () => {
    predict();
    // Batch 8 needs 570 MB, 50 MB less than its peak, and up to 4 % more.
    const [enough, short] = [592_800_000, 592_799_999];
    expect((await fit({ memory_budget_bytes: enough })).body).toMatchObject({
      fits: true,
      kind: 'interpolated',
      support: 'inside',
      needed_bytes: { low: 547_200_000, central: 570_000_000, high: enough },
      peak_rss_bytes: { low: 595_200_000, central: 620_000_000, high: 644_800_000 },
      memory_budget_bytes: enough,
      headroom_bytes: 0,
      largest_batch_size: 8,
      why: expect.stringContaining('It fits') as unknown,
      warnings: [],
    });
    expect((await fit({ memory_budget_bytes: short })).body).toMatchObject({
      fits: false,
      headroom_bytes: -1,
      largest_batch_size: 7,
      why: expect.stringContaining('The largest batch that fits is 7') as unknown,
    });
    expect(service.measuring.asked).toHaveLength(0);
  });

  it('says what the memory is for', async () => {
    predict();
    const { body } = await fit();
    const breakdown = body.breakdown as Record<string, number>;
    expect(breakdown).toMatchObject({
      weights_bytes: 200_000_000,
      optimizer_bytes: 200_000_000,
    });
    expect(Object.values(breakdown).reduce((sum, bytes) => sum + bytes, 0)).toBe(620_000_000);
  });

  it('takes the memory of the machine where no budget is given', async () => {
    predict();
    expect((await fit()).body).toMatchObject({ fits: true, memory_budget_bytes: 16_000_000_000 });
  });

  it('is planned from the graph where nothing was measured, and says so', async () => {
    const { body } = await fit({ memory_budget_bytes: 1_800_000_000 });
    expect(body).toMatchObject({
      fits: true,
      kind: 'planned',
      needed_bytes: { low: 1_800_000_000, central: 1_800_000_000, high: 1_800_000_000 },
      peak_rss_bytes: { low: 1_800_000_000, central: 1_800_000_000, high: 1_800_000_000 },
      breakdown: { activations_bytes: 640_000_000, workspace_bytes: 160_000_000, runtime_bytes: 400_000_000 },
      largest_batch_size: 8,
      workload: { batch_size: 8 },
      machine: { cpu_model: 'Imaginary 9000' },
      warnings: [{ code: 'planned-only' }],
    });
  });

  it('is planned where predictions could not be tried out', async () => {
    // Predicted are 570 MB, but up to three times that.
    service.predictions.behaviour = (workload) =>
      aPrediction(workload, { memoryTrials: 0, neededBytes: { low: 1.9e8, central: 5.7e8, high: 1.71e9 } });
    const { body } = await fit({ memory_budget_bytes: 1_800_000_000 });
    expect(body).toMatchObject({
      fits: true,
      kind: 'planned',
      needed_bytes: { low: 1_800_000_000, high: 1_800_000_000 },
      largest_batch_size: 8,
      warnings: [{ code: 'planned-only' }],
    });
    expect(body).not.toHaveProperty('support');
  });

  it('fits where a larger batch does, however wide its own interval is', async () => {
    service.predictions.behaviour = (workload) =>
      aPrediction(workload, workload.batchSize < 8 ? { neededBytes: { low: 1e8, central: 3e8, high: 9e8 } } : {});
    // Of batch 8 the upper end is 592.8 MB.
    const { body } = await fit({ batch_size: 4, memory_budget_bytes: 600_000_000 });
    expect(body).toMatchObject({
      fits: true,
      needed_bytes: { low: 1e8, central: 3e8, high: 600_000_000 },
      headroom_bytes: 0,
      largest_batch_size: 8,
    });
  });

  it('takes a body of estimate-resource', async () => {
    predict();
    const { status, body } = await fit({ dataset_size: 5000 });
    expect({ status, body }).toMatchObject({ status: 200, body: { fits: true } });
  });

  it('does not speak of times that could not be tried out', async () => {
    service.predictions.behaviour = (workload) => aPrediction(workload, { timeTrials: 0 });
    expect((await fit()).body).toMatchObject({ kind: 'interpolated', warnings: [] });
  });

  it('is told by the measurement where there is one, and no larger batch is said to fit than that', async () => {
    predict();
    await post(`${service.url}/api/v1/estimate-resource`, { ...TRAINING, source: 'measured' });
    // Measured were 800 MB, of which 50 MB are of files, where 570 MB were predicted.
    const { body } = await fit({ memory_budget_bytes: 749_999_999 });
    expect(body).toMatchObject({
      fits: false,
      kind: 'measured',
      measurement_id: 'measurement-of-8',
      needed_bytes: { low: 750_000_000, central: 750_000_000, high: 750_000_000 },
      peak_rss_bytes: { central: 800_000_000 },
      largest_batch_size: 7,
    });
  });

  it('has no largest batch where none fits', async () => {
    predict();
    expect((await fit({ memory_budget_bytes: 1 })).body).toMatchObject({ fits: false, largest_batch_size: null });
    // A single image would fit, but cannot be trained on.
    expect((await fit({ memory_budget_bytes: 310_000_000 })).body).toMatchObject({ largest_batch_size: null });
    const inference = { application_type: 'inference', memory_budget_bytes: 310_000_000 };
    expect((await fit(inference)).body).toMatchObject({ largest_batch_size: 1 });
  });

  it('looks at no larger batches than can be asked for', async () => {
    predict();
    expect((await fit({ memory_budget_bytes: 1e15 })).body).toMatchObject({ largest_batch_size: 1024 });
  });

  it.each([
    [{ batch_size: 1 }, 'untrainable', '#/batch_size'],
    [{ memory_budget_bytes: 0 }, 'invalid-request', '#/memory_budget_bytes'],
    [{ memory_budget_bytes: '8 GB' }, 'invalid-request', '#/memory_budget_bytes'],
    [{ refresh: true }, 'invalid-request', '#/refresh'],
    [{ source: 'measured' }, 'invalid-request', '#/source'],
  ])('is not told of %j', async (changes, type, pointer) => {
    const { status, body } = await fit(changes);
    expect({ status, body }).toMatchObject({ status: 422, body: { type, errors: [{ pointer }] } });
    expect(service.predictions.asked).toHaveLength(0);
  });
});
