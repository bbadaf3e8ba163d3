import type { Measurement } from '../../src/profiles/measurement.js';
import { aMeasurement } from '../fixtures/measurements.js';
import { get, post } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

/** Height and width differ, in the request and in what the network makes of them. */
const NARROW = {
  task_type: 'instance',
  architecture: 'maskrcnn_resnet50_fpn',
  batch_size: 2,
  image_size: [256, 512],
};
const TRAINING = { ...NARROW, application_type: 'training' };
const INFERENCE = { ...NARROW, application_type: 'inference' };
/** Of a shorter side of 800 and a longer one of up to 1333, in multiples of 32. */
const COMPUTED_AT = [672, 1344];

/** What services of this kind have been seen to do; docs/measuring.md lists all such faults with their tests. */
describe('what goes wrong elsewhere', () => {
  let service: RunningService;
  let resource: string;
  let trainingTime: string;
  let inferenceTime: string;

  beforeAll(async () => {
    service = await startService();
    resource = `${service.url}/api/v1/estimate-resource`;
    trainingTime = `${service.url}/api/v1/estimate-training-time`;
    inferenceTime = `${service.url}/api/v1/estimate-inference-time`;
  });

  beforeEach(() => {
    service.measuring.asked.length = 0;
  });

  afterAll(() => service.stop());

  it('height is height at each of the three endpoints', async () => {
    const { body: step } = await post(resource, TRAINING);
    const { body: training } = await post(trainingTime, { ...TRAINING, dataset_size: 10, epochs: 1 });
    const { body: inference } = await post(inferenceTime, INFERENCE);
    const asked = service.measuring.asked.map(({ applicationType, imageSize }) => [applicationType, imageSize]);
    expect(asked).toEqual([
      ['training', [256, 512]],
      ['inference', [256, 512]],
      ['inference', [256, 512]],
    ]);
    expect(step).toMatchObject({ workload: { image_size: [256, 512] } });
    expect(training).toMatchObject({ workload: { image_size: [256, 512] }, measurement_id: step.measurement_id });
    expect(inference).toMatchObject({
      measurements: {
        batch: { workload: { image_size: [256, 512] } },
        one_image: { workload: { image_size: [256, 512] } },
      },
    });
  });

  it('height is height in a nested request too', async () => {
    const { body: results } = await post(resource, TRAINING);
    const nested = (image_size: readonly number[]): object => ({
      resource_estimation: { ...TRAINING, image_size, dataset_size: 10 },
      resource_estimation_results: results,
      epochs: 1,
    });
    expect(await post(trainingTime, nested([256, 512]))).toMatchObject({ status: 200 });
    expect(await post(trainingTime, nested([512, 256]))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '#/resource_estimation_results/workload/image_size' }] },
    });
  });

  it('each estimate says at which size the network computes', async () => {
    const nested = {
      resource_estimation: { ...TRAINING, dataset_size: 10 },
      resource_estimation_results: { 'Batch Time': { forward_pass: 1, backward_pass: 2 } },
    };
    const nestedInference = { ...nested, resource_estimation: INFERENCE };
    const replies = await Promise.all([
      post(resource, TRAINING),
      post(resource, INFERENCE),
      post(trainingTime, { ...TRAINING, dataset_size: 10, epochs: 1 }),
      post(trainingTime, { ...nested, epochs: 1 }),
      post(inferenceTime, INFERENCE),
      post(inferenceTime, nestedInference),
    ]);
    expect(replies.map(({ status }) => status)).toEqual(Array(6).fill(200));
    for (const { body } of replies) expect(body.computed_image_size).toEqual(COMPUTED_AT);
    expect(replies[0].body).toMatchObject({ network: { computed_image_size: COMPUTED_AT } });
  });

  it('another size that the network resizes to is said too', async () => {
    const { body } = await post(resource, { ...TRAINING, min_size: 128, max_size: 200 });
    expect(body.computed_image_size).toEqual([128, 224]);
  });

  it('all memory is in bytes, however it was followed', async () => {
    for (const threading of [false, true]) {
      const { body } = await post(resource, { ...TRAINING, threading });
      const { memory, cpu } = lastMeasured();
      expect(body).toMatchObject({
        units: { memory: 'byte', time: 'second', utilization: 'percent' },
        'Peak RAM Memory': memory.peakRssBytes,
        'RAM before training': memory.baselineRssBytes,
        'Peak CPU Utilization': cpu.peakPercent,
      });
      expect(body.memory).toMatchObject({ peak_rss_bytes: memory.peakRssBytes });
    }
  });

  it.each([0, -1])('a batch of %d is refused at each of the three endpoints, and costs nothing', async (batch_size) => {
    const refused = await Promise.all([
      post(resource, { ...TRAINING, batch_size }),
      post(trainingTime, { ...TRAINING, batch_size, dataset_size: 10, epochs: 1 }),
      post(inferenceTime, { ...INFERENCE, batch_size }),
    ]);
    for (const reply of refused) {
      expect(reply).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/batch_size' }] } });
    }
    expect(service.measuring.asked).toEqual([]);
  });

  it('masks are estimated: maskrcnn_resnet50_fpn is there', async () => {
    const { body } = await get(`${service.url}/api/v1/architectures`);
    const names = (body.architectures as { name: string }[]).map(({ name }) => name);
    expect(names).toContain('maskrcnn_resnet50_fpn');
    expect(await post(resource, { ...TRAINING, batch_size: 1 })).toMatchObject({
      status: 200,
      body: { network: { parameters: 44_401_393 }, workload: { architecture: 'maskrcnn_resnet50_fpn' } },
    });
  });

  it('a request gets its own figures, with others at the same time and after others', async () => {
    const batches = [2, 5, 3, 2, 5];
    const peakOf = (batchSize: number): number => 400_000_000 + 50_000_000 * batchSize;
    for (const threading of [false, true]) {
      const requests = batches.map((batch_size) => ({ ...TRAINING, batch_size, threading }));
      const atOnce = await Promise.all(requests.map((request) => post(resource, request)));
      const peaks = atOnce.map(({ body }) => body['Peak RAM Memory']);
      expect(peaks).toEqual(batches.map(peakOf));
      const again = await post(resource, { ...TRAINING, batch_size: 3, threading, refresh: true });
      expect(again.body['Peak RAM Memory']).toBe(peakOf(3));
    }
  });

  /** What the service has been given last to answer with. */
  function lastMeasured(): Measurement {
    const workload = service.measuring.asked.at(-1) ?? service.measuring.first();
    return aMeasurement(workload);
  }
});
