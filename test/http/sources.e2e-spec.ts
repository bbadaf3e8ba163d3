import type { Prediction } from '../../src/prediction/prediction.js';
import { aPrediction, around } from '../fixtures/predictions.js';
import { A_TRAINING } from '../fixtures/measurements.js';
import { INFERENCE, post, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('the source of an estimate', () => {
  let service: RunningService;

  beforeEach(async () => (service = await startService()));

  afterEach(() => service.stop());

  const send = (endpoint: string, body: object) => post(`${service.url}/api/v1/${endpoint}`, body);
  const resource = (more: object = {}) => send('estimate-resource', { ...TRAINING, ...more });

  function predict(changes: Partial<Prediction> = {}): void {
    service.predictions.behaviour = (workload) => aPrediction(workload, changes);
  }

  const beyond = { kind: 'predicted', support: 'beyond' } as const;

  describe('that is not chosen', () => {
    it('is an interpolation where its interval is narrow', async () => {
      predict();
      const { status, body } = await resource();
      expect(status).toBe(200);
      expect(body).toMatchObject({
        kind: 'interpolated',
        'Peak RAM Memory': 620_000_000,
        'Peak CPU Utilization': 96,
        'RAM before training': 90_000_000,
        'Batch Time': { forward_pass: expect.closeTo(0.12) as unknown, backward_pass: expect.closeTo(0.28) as unknown },
        intervals: {
          step_seconds: { low: expect.closeTo(0.384) as unknown, central: 0.4, high: expect.closeTo(0.416) as unknown },
          peak_rss_bytes: { low: 595_200_000, central: 620_000_000, high: 644_800_000 },
        },
        support: 'inside',
        rests_on: { measurement_ids: ['newer', 'older'], measurement_count: 5 },
        workload: { architecture: TRAINING.architecture, batch_size: 8 },
        machine: { cpu_model: 'Imaginary 9000' },
        warnings: [],
      });
      expect(body).not.toHaveProperty('measurement_id');
      expect(service.measuring.asked).toHaveLength(0);
    });

    it.each([
      ['the time is uncertain', { stepSeconds: around(0.4, 0.11) }],
      ['the peak is uncertain', { peakRssBytes: around(6e8, 0.11) }],
      ['it lies beyond what was measured', beyond],
    ])('is a measurement where %s', async (_why, changes) => {
      predict(changes);
      expect((await resource()).body).toMatchObject({ kind: 'measured', from_profile: false });
      expect(service.measuring.asked).toHaveLength(1);
    });

    it('does not ask for a certain peak where the answer tells none', async () => {
      predict({ peakRssBytes: around(6e8, 0.5) });
      const { body } = await send('estimate-training-time', { ...TRAINING, dataset_size: 100, epochs: 2 });
      expect(body).toMatchObject({ kind: 'interpolated' });
      expect(service.measuring.asked).toHaveLength(0);
    });

    it('is a stored measurement before all others', async () => {
      await resource();
      predict();
      expect((await resource()).body).toMatchObject({ kind: 'measured', from_profile: true });
    });

    it('may be another one for each time of an inference', async () => {
      service.predictions.behaviour = (workload) => (workload.batchSize === 1 ? null : aPrediction(workload));
      const { body } = await send('estimate-inference-time', INFERENCE);
      expect(body).toMatchObject({
        kind: 'interpolated',
        one_image_kind: 'measured',
        batch_kind: 'interpolated',
        '1-Image Inference Time': 0.01 + 0.003,
        'Batch of 8 Inference Time': 0.16,
        intervals: { one_image_seconds: { central: 0.01 + 0.003 }, batch_seconds: { central: 0.16 } },
        measurements: { one_image: { from_profile: false }, batch: { support: 'inside' } },
      });
      expect(service.measuring.asked.map(({ batchSize }) => batchSize)).toEqual([1]);
    });
  });

  describe('"measured"', () => {
    it('predicts nothing', async () => {
      predict();
      expect((await resource({ source: 'measured' })).body).toMatchObject({ kind: 'measured' });
      expect(service.measuring.asked).toHaveLength(1);
    });

    it('tells between which percentiles the steps lay', async () => {
      const { body } = await resource({ source: 'measured' });
      const { step_seconds: step } = body.times as { step_seconds: { p05: number; median: number; p95: number } };
      expect(body.intervals).toEqual({
        step_seconds: { low: step.p05, central: step.median, high: step.p95 },
        peak_rss_bytes: { low: 800_000_000, central: 800_000_000, high: 800_000_000 },
      });
    });
  });

  describe('"predicted"', () => {
    it('measures nothing, however uncertain it is, and names the measurement that would settle it', async () => {
      predict({ ...beyond, stepSeconds: around(0.4, 0.5), proposal: { ...A_TRAINING, batchSize: 16 } });
      const { body } = await resource({ source: 'predicted' });
      expect(body).toMatchObject({
        kind: 'predicted',
        support: 'beyond',
        warnings: [{ code: 'beyond-measured' }],
        proposal: { batch_size: 16, source: 'measured' },
      });
      expect(service.measuring.asked).toHaveLength(0);

      const { proposal } = body as { proposal: object };
      expect((await send('estimate-resource', proposal)).body).toMatchObject({ kind: 'measured' });
      expect(service.measuring.asked).toEqual([{ ...A_TRAINING, batchSize: 16 }]);
    });

    it('says so of an architecture that never ran here', async () => {
      predict({ kind: 'predicted', support: 'unmeasured' });
      const { body } = await send('estimate-inference-time', { ...INFERENCE, source: 'predicted' });
      expect(body).toMatchObject({
        kind: 'predicted',
        warnings: [{ code: 'unmeasured-architecture' }, { code: 'unmeasured-architecture' }],
        measurements: { batch: { proposal: { batch_size: 8 } }, one_image: { proposal: { batch_size: 1 } } },
      });
    });

    it('says where its intervals are a guess, also of an interpolation', async () => {
      predict({ timeTrials: 0, memoryTrials: 0 });
      const { body } = await resource({ source: 'predicted' });
      expect(body).toMatchObject({
        kind: 'interpolated',
        warnings: [
          {
            code: 'interval-untried',
            detail: expect.stringMatching(/time and peak of memory.*5 measurements/) as unknown,
          },
        ],
      });
      const time = await send('estimate-inference-time', { ...INFERENCE, batch_size: 1, source: 'predicted' });
      expect(time.body).toMatchObject({
        warnings: [{ detail: expect.not.stringContaining('memory') as unknown }],
      });
    });

    it('contradicts refresh', async () => {
      predict();
      const { status, body } = await resource({ source: 'predicted', refresh: true });
      expect({ status, body }).toMatchObject({
        status: 422,
        body: { type: 'invalid-request', errors: [{ pointer: '#/refresh' }] },
      });
      expect(service.measuring.asked).toHaveLength(0);
    });

    it('is a stored measurement where there is one', async () => {
      await resource();
      predict();
      expect((await resource({ source: 'predicted' })).body).toMatchObject({ kind: 'measured', from_profile: true });
    });

    it('is refused where nothing was measured that it could go by, with what would help', async () => {
      const { status, body } = await resource({ source: 'predicted' });
      expect({ status, body }).toMatchObject({
        status: 409,
        body: {
          type: 'nothing-to-predict-from',
          detail: expect.stringContaining('npm run calibrate') as unknown,
          proposal: { architecture: TRAINING.architecture, batch_size: 8, source: 'measured' },
        },
      });
      expect(service.measuring.asked).toHaveLength(0);
    });

    it('refuses what cannot be trained before anything is predicted', async () => {
      predict();
      const { status, body } = await resource({ source: 'predicted', batch_size: 1 });
      expect({ status, type: body.type }).toEqual({ status: 422, type: 'untrainable' });
      expect(service.predictions.asked).toHaveLength(0);
    });
  });

  it.each(['auto', 'measured'])('"%s" measures with refresh', async (source) => {
    predict();
    expect((await resource({ source, refresh: true })).body).toMatchObject({ kind: 'measured', from_profile: false });
    expect(service.measuring.asked).toHaveLength(1);
  });

  it.each(['guessed', 1, null])('is not %j', async (source) => {
    const { status, body } = await resource({ source });
    expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/source' }] } });
  });
});
