import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aPrediction, around } from '../fixtures/predictions.js';
import { A_MACHINE } from '../fixtures/measurements.js';
import { get, INFERENCE, post, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('the accuracy of predictions', () => {
  let service: RunningService;

  beforeEach(async () => (service = await startService()));

  afterEach(() => service.stop());

  const accuracy = () => get(`${service.url}/api/v1/accuracy`);
  const measure = (body: object) => post(`${service.url}/api/v1/estimate-resource`, { ...body, source: 'measured' });

  it('is empty where nothing was compared', async () => {
    expect(await accuracy()).toMatchObject({
      status: 200,
      body: {
        machine_id: A_MACHINE.id,
        compared_measurements: 0,
        stale_measurements: 0,
        pooled: [],
        architectures: [],
      },
    });
    await measure(TRAINING);
    expect((await accuracy()).body).toMatchObject({ compared_measurements: 0 });
  });

  it('is told by what was predicted just before each measurement, also after a restart', async () => {
    // The step that is measured takes 0.256 s, and its peak is 800 MB.
    service.predictions.behaviour = (workload) =>
      aPrediction(workload, { stepSeconds: around(0.32, 0.1), peakRssBytes: around(760e6, 0.1) });
    await measure(TRAINING);
    service.predictions.behaviour = (workload) => aPrediction(workload, { kind: 'predicted', support: 'unmeasured' });
    await measure(INFERENCE);
    service = await service.restart();

    const { body } = await accuracy();
    expect(body).toMatchObject({ compared_measurements: 2, stale_measurements: 0 });
    const training = { architecture: TRAINING.architecture, support: 'inside', count: 1 };
    expect(body.architectures).toMatchObject([
      {
        ...training,
        quantity: 'training_step_seconds',
        median_error_percent: expect.closeTo(25) as unknown,
        p95_error_percent: expect.closeTo(25) as unknown,
        intervals_held: 0,
        intervals_held_percent: 0,
      },
      {
        ...training,
        quantity: 'peak_rss_bytes',
        median_error_percent: expect.closeTo(5) as unknown,
        intervals_held: 1,
        intervals_held_percent: 100,
      },
      { support: 'unmeasured', quantity: 'inference_seconds', count: 1 },
      { support: 'unmeasured', quantity: 'peak_rss_bytes', count: 1 },
    ]);
    expect(body.pooled).toHaveLength(4);
  });

  it('counts no workload that the prediction knew already', async () => {
    service.predictions.hasWorkload = true;
    service.predictions.behaviour = (workload) => aPrediction(workload);
    await measure(TRAINING);
    expect((await accuracy()).body).toMatchObject({ compared_measurements: 0 });
  });

  it('passes over what a crash has cut off, and goes on after it', async () => {
    service.predictions.behaviour = (workload) => aPrediction(workload);
    await measure(TRAINING);
    const file = join(service.profilesDirectory, A_MACHINE.id, 'ledger.ndjson');
    await appendFile(file, (await readFile(file, 'utf8')).slice(0, 40));
    await measure({ ...TRAINING, batch_size: 4 });
    service = await service.restart();
    expect((await accuracy()).body).toMatchObject({ compared_measurements: 2 });
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);
  });

  it('says so where its file cannot be read', async () => {
    await mkdir(join(service.profilesDirectory, A_MACHINE.id, 'ledger.ndjson'), { recursive: true });
    expect(await accuracy()).toMatchObject({ status: 500, body: { type: 'storage-failed' } });
  });

  it('leaves out what was measured with what the machine no longer has', async () => {
    service.predictions.behaviour = (workload) => aPrediction(workload);
    await measure(TRAINING);
    const file = join(service.profilesDirectory, A_MACHINE.id, 'ledger.ndjson');
    const line = await readFile(file, 'utf8');
    await appendFile(file, line.replace(A_MACHINE.engineVersion, '0.0.0'));
    expect((await accuracy()).body).toMatchObject({ compared_measurements: 1, stale_measurements: 1 });
  });
});
