import { setTimeout } from 'node:timers/promises';
import type { Measurement } from '../../src/profiles/measurement.js';
import { Gate, until } from './support/gate.js';
import { get, INFERENCE, post, TRAINING } from './support/requests.js';
import { aMeasurement } from '../fixtures/measurements.js';
import { startService, type RunningService } from './support/start-service.js';

describe('the estimates', () => {
  let service: RunningService;
  let resource: string;
  let trainingTime: string;
  let inferenceTime: string;

  beforeEach(async () => {
    service = await startService();
    point(service);
  });

  afterEach(() => service.stop());

  function point({ url }: RunningService): void {
    resource = `${url}/api/v1/estimate-resource`;
    trainingTime = `${url}/api/v1/estimate-training-time`;
    inferenceTime = `${url}/api/v1/estimate-inference-time`;
  }

  describe('of resources', () => {
    it('puts the optimizer into backward_pass, so that the two sum to the whole step', async () => {
      const { body } = await post(resource, TRAINING);
      const { times } = aMeasurement(service.measuring.first());
      expect(body['Batch Time']).toEqual({
        forward_pass: times.forwardSeconds,
        backward_pass: Number(times.backwardSeconds) + Number(times.optimizerSeconds),
      });
      expect(body).toMatchObject({ times: { backward_seconds: times.backwardSeconds } });
    });

    it('says what the figures rest on', async () => {
      const { body } = await post(resource, TRAINING);
      expect(body).toMatchObject({
        kind: 'measured',
        measurement_id: 'measurement-of-8',
        measured_at: '2026-11-20T09:30:00.000Z',
        from_profile: false,
        machine: { cpu_model: 'Imaginary 9000' },
        runtime: { name: 'onnxruntime', version: '1.30.0' },
        network: { computed_image_size: [320, 320] },
        warnings: [],
      });
    });

    it('warns of a measurement that is not to be trusted fully', async () => {
      service.measuring.behaviour = (workload) => {
        const usual = aMeasurement(workload);
        return Promise.resolve({
          ...usual,
          times: { ...usual.times, stable: false, tracedToUntraced: 1.2 },
          cpu: { ...usual.cpu, otherLoadPercent: 40, stolenPercent: 3, throttledPercent: 60, heatSlowdowns: 2 },
          reached: { ...usual.reached, objectsPerImage: 5 },
        });
      };
      const { body } = await post(resource, TRAINING);
      const codes = (body.warnings as { code: string }[]).map(({ code }) => code);
      expect(codes).toEqual([
        'unstable',
        'trace-disturbs',
        'other-load',
        'stolen-time',
        'throttled',
        'heat',
        'counts-differ',
      ]);
    });

    it('does not warn of the little that is usual', async () => {
      service.measuring.behaviour = (workload) => {
        const usual = aMeasurement(workload);
        const cpu = { ...usual.cpu, otherLoadPercent: 10, stolenPercent: 2, throttledPercent: 5, heatSlowdowns: 0 };
        return Promise.resolve({ ...usual, cpu });
      };
      const { body } = await post(resource, TRAINING);
      expect(body).toMatchObject({
        warnings: [],
        cpu: { other_load_percent: 10, stolen_percent: 2, throttled_percent: 5, heat_slowdowns: 0 },
      });
    });
  });

  describe('out of profiles', () => {
    it('are measured once, and again found after a restart', async () => {
      const first = await post(resource, TRAINING);
      const second = await post(resource, TRAINING);
      const earlier = service;
      service = await service.restart();
      point(service);
      const third = await post(resource, TRAINING);

      expect(first.body.from_profile).toBe(false);
      expect(second.body).toEqual({ ...first.body, from_profile: true });
      expect(third.body).toEqual(second.body);
      expect([earlier, service].map(({ measuring }) => measuring.asked.length)).toEqual([1, 0]);
    });

    it('do not mix up different requests', async () => {
      const eight = await post(resource, TRAINING);
      const four = await post(resource, { ...TRAINING, batch_size: 4 });
      const eightAgain = await post(resource, TRAINING);
      expect(four.body['Peak RAM Memory']).toBe(600_000_000);
      expect(eightAgain.body['Peak RAM Memory']).toBe(eight.body['Peak RAM Memory']);
    });

    it('treat a default written out as one left out', async () => {
      await post(resource, TRAINING);
      const { body } = await post(resource, { ...TRAINING, threads: 4, threading: false, objects_per_image: 7 });
      expect(body.from_profile).toBe(true);
    });

    it('share one measurement between equal requests at the same time', async () => {
      service.measuring.behaviour = async (workload) => {
        await setTimeout(50);
        return aMeasurement(workload);
      };
      const replies = await Promise.all([1, 2, 3].map(() => post(resource, TRAINING)));
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(service.measuring.asked).toHaveLength(1);
    });

    it('keep a measurement whose client did not wait for it', async () => {
      const measured = new Gate<Measurement>();
      service.measuring.behaviour = () => measured.opened;
      const client = new AbortController();
      const body = JSON.stringify(TRAINING);
      const headers = { 'content-type': 'application/json' };
      const abandoned = fetch(resource, { method: 'POST', headers, body, signal: client.signal });
      await until(() => service.measuring.asked.length === 1);
      client.abort();
      await expect(abandoned).rejects.toThrow('aborted');
      measured.open(aMeasurement(service.measuring.first()));

      const { body: answer } = await post(resource, TRAINING);
      expect(answer.measurement_id).toBe('measurement-of-8');
      expect(service.measuring.asked).toHaveLength(1);
    });
  });

  describe('of training time', () => {
    it('multiplies the very figures of the answer', async () => {
      const { body } = await post(trainingTime, { ...TRAINING, dataset_size: 5001, epochs: 10 });
      const { forward_pass, backward_pass } = body['Batch Time'] as Record<string, number>;
      expect(body['Total Training Time']).toBe((Number(forward_pass) + Number(backward_pass)) * 626 * 10);
      expect(body).toMatchObject({ kind: 'measured', batches_per_epoch: 626, epochs: 10, dataset_size: 5001 });
    });

    it('rests on the same measurement as the resources', async () => {
      await post(resource, TRAINING);
      const { body } = await post(trainingTime, { ...TRAINING, dataset_size: 100, epochs: 1 });
      expect(body).toMatchObject({ from_profile: true, measurement_id: 'measurement-of-8' });
    });

    it('computes from the batch time of a nested request, and measures nothing', async () => {
      const { status, body } = await post(trainingTime, {
        resource_estimation: { ...TRAINING, dataset_size: 100 },
        resource_estimation_results: { 'Batch Time': { forward_pass: 0.25, backward_pass: 0.5 } },
        epochs: 4,
      });
      expect({ status, total: body['Total Training Time'] }).toEqual({ status: 200, total: 0.75 * 13 * 4 });
      expect(body).toMatchObject({ kind: 'computed', warnings: [] });
      expect(service.measuring.asked).toHaveLength(0);
    });

    it('says so when the answer that is given back was not stable', async () => {
      const { body } = await post(trainingTime, {
        resource_estimation: { ...TRAINING, dataset_size: 100 },
        resource_estimation_results: { times: { stable: false }, 'Batch Time': { forward_pass: 1, backward_pass: 2 } },
        epochs: 4,
      });
      expect(body).toMatchObject({ kind: 'computed', warnings: [{ code: 'unstable' }] });
    });

    it('takes a whole earlier answer back', async () => {
      const request = { ...TRAINING, dataset_size: 100 };
      const { body: results } = await post(resource, request);
      const nested = { resource_estimation: request, resource_estimation_results: results, epochs: 2 };
      const { status, body } = await post(trainingTime, nested);
      const { body: flat } = await post(trainingTime, { ...request, epochs: 2 });
      expect({ status, total: body['Total Training Time'] }).toEqual({
        status: 200,
        total: flat['Total Training Time'],
      });
    });

    it.each([
      ['no results', undefined, '#/resource_estimation_results'],
      ['no batch time', {}, '#/resource_estimation_results/Batch%20Time'],
      [
        'no backward pass',
        { 'Batch Time': { forward_pass: 1 } },
        '#/resource_estimation_results/Batch%20Time/backward_pass',
      ],
      [
        'a negative time',
        { 'Batch Time': { forward_pass: -1, backward_pass: 1 } },
        '#/resource_estimation_results/Batch%20Time/forward_pass',
      ],
      [
        'a time that is a text',
        { 'Batch Time': { forward_pass: '1', backward_pass: 1 } },
        '#/resource_estimation_results/Batch%20Time/forward_pass',
      ],
      [
        'a peak that is negative',
        { 'Batch Time': { forward_pass: 1, backward_pass: 1 }, 'Peak RAM Memory': -5 },
        '#/resource_estimation_results/Peak%20RAM%20Memory',
      ],
      ['a list for results', [], '#/resource_estimation_results'],
    ])('refuses a nested request with %s', async (_what, results, pointer) => {
      const { status, body } = await post(trainingTime, {
        resource_estimation: { ...TRAINING, dataset_size: 100 },
        resource_estimation_results: results,
        epochs: 4,
      });
      expect({ status, errors: body.errors }).toMatchObject({ status: 422, errors: [{ pointer }] });
    });

    it('refuses the answer to another request', async () => {
      const { body: results } = await post(resource, TRAINING);
      const { status, body } = await post(trainingTime, {
        resource_estimation: { ...TRAINING, batch_size: TRAINING.batch_size + 1, dataset_size: 100 },
        resource_estimation_results: results,
        epochs: 2,
      });
      expect({ status, errors: body.errors }).toMatchObject({
        status: 422,
        errors: [{ pointer: '#/resource_estimation_results/workload/batch_size' }],
      });
    });

    it('points into the nested request', async () => {
      const results = { 'Batch Time': { forward_pass: 0.25, backward_pass: 0.5 } };
      const nested = (changes: object): object => ({
        resource_estimation: { ...TRAINING, dataset_size: 100, ...changes },
        resource_estimation_results: results,
        epochs: 4,
      });
      const wrongBatch = await post(trainingTime, nested({ batch_size: 0 }));
      const wrongName = await post(trainingTime, nested({ architecture: 'ssd' }));
      const misplaced = await post(trainingTime, nested({ detections_per_image: 3 }));
      expect(wrongBatch.body.errors).toMatchObject([{ pointer: '#/resource_estimation/batch_size' }]);
      expect(wrongName.body.errors).toMatchObject([{ pointer: '#/resource_estimation/architecture' }]);
      expect(misplaced.body.errors).toMatchObject([{ pointer: '#/resource_estimation/detections_per_image' }]);
    });
  });

  describe('of inference time', () => {
    it('measures one image with batch 1', async () => {
      const { body } = await post(inferenceTime, INFERENCE);
      expect(body).toMatchObject({
        '1-Image Inference Time': 0.01 + 0.003,
        'Batch of 8 Inference Time': 0.083,
        one_image_kind: 'measured',
      });
      expect(service.measuring.asked.map(({ batchSize }) => batchSize)).toEqual([8, 1]);
    });

    it('says which of the two measurements a warning is about', async () => {
      service.measuring.behaviour = (workload) => {
        const usual = aMeasurement(workload);
        return Promise.resolve({ ...usual, times: { ...usual.times, stable: false } });
      };
      const { body } = await post(inferenceTime, INFERENCE);
      expect(body.warnings).toMatchObject([
        { code: 'unstable', detail: expect.stringMatching(/^Of the batch of 8: /) as unknown },
        { code: 'unstable', detail: expect.stringMatching(/^Of the one image: /) as unknown },
      ]);
    });

    it('measures a batch of one only once', async () => {
      const { body } = await post(inferenceTime, { ...INFERENCE, batch_size: 1 });
      expect(body['Batch of 1 Inference Time']).toBe(body['1-Image Inference Time']);
      expect(service.measuring.asked).toHaveLength(1);
    });

    it('divides the batch time of a nested request and says so', async () => {
      const { body } = await post(inferenceTime, {
        resource_estimation: INFERENCE,
        resource_estimation_results: { 'Batch Time': { forward_pass: 0.8, backward_pass: null } },
      });
      expect(body).toMatchObject({
        '1-Image Inference Time': 0.1,
        'Batch of 8 Inference Time': 0.8,
        kind: 'computed',
        one_image_kind: 'divided',
        warnings: [{ code: 'one-image-divided' }],
      });
      expect(service.measuring.asked).toHaveLength(0);
    });

    it('takes the time of one image as it is given', async () => {
      const { body } = await post(inferenceTime, {
        resource_estimation: { ...INFERENCE, batch_size: 1 },
        resource_estimation_results: { 'Batch Time': { forward_pass: 0.8 } },
      });
      expect(body).toMatchObject({ '1-Image Inference Time': 0.8, one_image_kind: 'given', warnings: [] });
    });
  });

  it('answers liveness while a measurement runs', async () => {
    const measured = new Gate<Measurement>();
    service.measuring.behaviour = () => measured.opened;
    const running = post(resource, TRAINING);
    await until(() => service.measuring.asked.length === 1);
    expect(await get(`${service.url}/healthz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
    measured.open(aMeasurement(service.measuring.first()));
    expect((await running).status).toBe(200);
  });
});
