import { aPrediction } from '../fixtures/predictions.js';
import { post, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

const REQUEST = { ...TRAINING, dataset_size: 1000, epochs: 10 };

describe('the time of a whole training', () => {
  let service: RunningService;

  beforeEach(async () => (service = await startService()));

  afterEach(() => service.stop());

  const estimate = (more: object = {}) => post(`${service.url}/api/v1/estimate-training-time`, { ...REQUEST, ...more });

  const linesOf = (body: Record<string, unknown>) => body.lines as { name: string; seconds: number }[];

  it('has a line of steps alone where nothing else is given', async () => {
    const { body } = await estimate();
    expect(linesOf(body).map(({ name }) => name)).toEqual(['training']);
    expect(body).toMatchObject({ intervals: { total: { central: body['Total Training Time'] } } });
    expect(service.measuring.asked).toHaveLength(1);
  });

  it('is the sum of its lines', async () => {
    const { body } = await estimate({
      data_loading_images_per_second: 10,
      validation_share: 0.1,
      validation_every_epochs: 2,
      checkpoint_seconds: 3,
      checkpoint_every_epochs: 5,
      warmup_seconds: 60,
    });
    const lines = linesOf(body);
    expect(lines.map(({ name }) => name)).toEqual([
      'training',
      'data_loading',
      'validation',
      'validation_data_loading',
      'checkpoints',
      'warmup',
    ]);
    expect(body['Total Training Time']).toBe(lines.reduce((sum, { seconds }) => sum + seconds, 0));
    const [training, loading, validation, , checkpoints, warmup] = lines.map(({ seconds }) => seconds);
    expect(Number(training) + Number(loading)).toBeCloseTo(1000);
    // 100 images are 13 batches, each of which takes 0.083 s.
    expect(validation).toBeCloseTo(0.083 * 13 * 5);
    expect([checkpoints, warmup]).toEqual([6, 60]);
    expect(body.validation).toMatchObject({ workload: { application_type: 'inference', batch_size: 8 } });
    expect(service.measuring.asked.map(({ applicationType }) => applicationType)).toEqual(['training', 'inference']);
  });

  it('is predicted where one of its parts is', async () => {
    service.predictions.behaviour = (workload) =>
      workload.applicationType === 'inference'
        ? aPrediction(workload, { kind: 'predicted', support: 'beyond' })
        : aPrediction(workload);
    const { body } = await estimate({ validation_dataset_size: 100, source: 'predicted' });
    expect(body).toMatchObject({
      kind: 'predicted',
      support: 'inside',
      validation: { support: 'beyond' },
      warnings: [{ code: 'beyond-measured', detail: expect.stringMatching(/^Of the validation: /) as unknown }],
      intervals: { step_seconds: { central: 0.4 } },
    });
    expect(service.measuring.asked).toHaveLength(0);
  });

  it.each([{ validation_share: 0 }, { validation_dataset_size: 100, validation_every_epochs: 11 }])(
    'needs no inference for %j',
    async (changes) => {
      const { body } = await estimate(changes);
      expect(linesOf(body)).toMatchObject([
        { name: 'training' },
        { name: 'validation', seconds: 0, how: expect.stringContaining('nothing is validated') as unknown },
      ]);
      expect(body).not.toHaveProperty('validation');
      expect(service.measuring.asked.map(({ applicationType }) => applicationType)).toEqual(['training']);
    },
  );

  it('says that it is the validation of which nothing is known', async () => {
    service.predictions.behaviour = (workload) =>
      workload.applicationType === 'training' ? aPrediction(workload) : null;
    const { status, body } = await estimate({ validation_share: 0.1, source: 'predicted' });
    expect({ status, body }).toMatchObject({
      status: 409,
      body: {
        type: 'nothing-to-predict-from',
        detail: expect.stringMatching(/^Of the validation: trainings are known here, but no inference/) as unknown,
        proposal: { application_type: 'inference' },
      },
    });
  });

  it.each([
    [{ data_loading_seconds_per_image: 1, data_loading_images_per_second: 1 }, '#/data_loading_images_per_second'],
    [{ validation_share: 0.1, validation_dataset_size: 10 }, '#/validation_share'],
    [{ data_loading_overlaps: false }, '#/data_loading_overlaps'],
    [{ validation_every_epochs: 2 }, '#/validation_every_epochs'],
    [{ checkpoint_every_epochs: 2 }, '#/checkpoint_every_epochs'],
    [{ data_loading_images_per_second: 0 }, '#/data_loading_images_per_second'],
    [{ data_loading_seconds_per_image: -1 }, '#/data_loading_seconds_per_image'],
    [{ validation_share: 1.5 }, '#/validation_share'],
    [{ validation_dataset_size: 0 }, '#/validation_dataset_size'],
    [{ checkpoint_seconds: 'long' }, '#/checkpoint_seconds'],
    [{ warmup_seconds: null }, '#/warmup_seconds'],
  ])('is not told of %j', async (changes, pointer) => {
    const { status, body } = await estimate(changes);
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
    expect(service.measuring.asked).toHaveLength(0);
  });
});
