import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post } from './support/requests.js';

const TRAINING = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 2,
  image_size: [320, 320],
  application_type: 'training',
};
const INFERENCE = { ...TRAINING, application_type: 'inference' };
const ON_LINUX = process.platform === 'linux' ? it : it.skip;

/** The built service with nothing in anybody's place: it really measures, as briefly as it can. */
describe('the service as it is started', () => {
  let profiles: string;
  let service: ServiceProcess;
  let resource: string;

  beforeAll(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    await start();
  });

  afterAll(async () => {
    await service.stop();
    await rm(profiles, { recursive: true, force: true });
  });

  async function start(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    service = await startBuiltService({ PROFILES_DIR: profiles, MEASURE_MAX_SECONDS: '1', ...environment });
    resource = `${service.url}/api/v1/estimate-resource`;
  }

  async function restart(environment?: Readonly<Record<string, string>>): Promise<void> {
    await service.stop();
    await start(environment);
  }

  async function measuringProcess(): Promise<number> {
    for (;;) {
      const [child] = await service.measuringProcesses();
      if (child !== undefined) {
        return child;
      }
      await setTimeout(20);
    }
  }

  it('measures a training step, and answers liveness meanwhile', async () => {
    const measured = post(resource, TRAINING);
    await setTimeout(1000);
    expect(await get(`${service.url}/healthz`)).toMatchObject({ status: 200 });
    const { status, body } = await measured;
    expect({ status, body }).toMatchObject({ status: 200, body: { kind: 'measured', from_profile: false } });
    const times = body.times as Record<'forward_seconds' | 'backward_seconds' | 'optimizer_seconds', number>;
    const { median } = (body.times as { step_seconds: { median: number } }).step_seconds;
    expect(times.forward_seconds + times.backward_seconds + times.optimizer_seconds).toBeCloseTo(median, 6);
    expect(body['Peak RAM Memory']).toBeGreaterThan(Number(body['RAM before training']));
    expect(body['Peak CPU Utilization']).toBeLessThanOrEqual(100);
    expect(body.network).toMatchObject({ parameters: 5_198_540 });
  });

  ON_LINUX('says of each reading where it comes from, of memory and of CPU', async () => {
    const { body } = await post(resource, TRAINING);
    const { readings } = body.memory as { readings: { rss_bytes: number; cpu_percent: number }[] };
    expect(readings).toMatchObject([
      { point: 'before', source: 'kernel', cpu_source: 'process-clock' },
      { point: 'forward_end', source: 'trace', cpu_source: 'schedstat' },
      { point: 'backward_end', source: 'trace', cpu_source: 'schedstat' },
      { point: 'step_end', source: 'kernel', cpu_source: 'process-clock' },
    ]);
    for (const { rss_bytes, cpu_percent } of readings) {
      expect(rss_bytes).toBeGreaterThan(0);
      expect(cpu_percent).toBeGreaterThan(0);
      expect(cpu_percent).toBeLessThanOrEqual(100);
    }
    expect(body.cpu).toMatchObject({ source: 'process-clock' });
  });

  it('has timed warm steps of real work, to their ends', async () => {
    const { body } = await post(resource, TRAINING);
    const times = body.times as { step_seconds: { count: number }; warmup_steps: number; traced_to_untraced: number };
    expect(times.warmup_steps).toBeGreaterThanOrEqual(2);
    expect(times.step_seconds.count).toBeGreaterThanOrEqual(2);
    // The operators of a step together take about as long as the step; were its launch timed, many times as long.
    expect(times.traced_to_untraced).toBeLessThan(5);
    expect(body).toMatchObject({ reached: { objects_per_image: 7 } });
    const reached = body.reached as { positives_per_image: number };
    expect(reached.positives_per_image).toBeGreaterThanOrEqual(7);
    const profile = await get(`${service.url}${String(body.profile)}`);
    const [measurement] = profile.body.measurements as { losses: Record<string, number> }[];
    // Without positives no box is learned, and this loss is 0.
    expect(measurement?.losses.bbox_regression).toBeGreaterThan(0);
  });

  it('keeps who took the time and memory of the step', async () => {
    const { body: answer } = await post(resource, TRAINING);
    const { status, body } = await get(`${service.url}${String(answer.trace)}`);
    expect(status).toBe(200);
    const phases = body.phases as { phase: string; seconds: number; peak_bytes_in_use: number }[];
    expect(phases.map(({ phase }) => phase)).toEqual(['forward', 'backward', 'optimizer']);
    expect(phases.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(Number(body.operator_seconds), 4);
    const { bytes_in_use: peak } = body.memory_peak as { bytes_in_use: number };
    expect(peak).toBe(Math.max(...phases.map((phase) => phase.peak_bytes_in_use)));
    const modules = (body.modules as { module: string | null }[]).map(({ module }) => module);
    expect(modules).toContain('backbone.features.0.0.0');
    const { body: file } = await get(`${service.url}${String(answer.trace)}?format=chrome`);
    expect((file.traceEvents as unknown[]).length).toBeGreaterThan(1000);
  });

  it('answers the same request from the profile, also after a restart', async () => {
    const before = await post(resource, TRAINING);
    await restart();
    const after = await post(resource, TRAINING);
    expect(before.body).toMatchObject({ from_profile: true });
    expect(after.body).toEqual(before.body);
  });

  it('measures one image and a batch of an inference', async () => {
    const { status, body } = await post(`${service.url}/api/v1/estimate-inference-time`, INFERENCE);
    expect(status).toBe(200);
    expect(body['1-Image Inference Time']).toBeGreaterThan(0);
    expect(body['Batch of 2 Inference Time']).toBeGreaterThan(0);
  });

  describe.each([
    ['classification', 'resnet18', 11_689_512, ['loss']],
    ['segmentation', 'lraspp_mobilenet_v3_large', 3_221_538, ['out']],
  ])('for %s', (task, architecture, parameters, losses) => {
    const request = { task_type: task, architecture, batch_size: 2, image_size: [64, 64] };
    const noCounts = {
      objects_per_image: null,
      positives_per_image: null,
      candidates_per_image: null,
      detections_per_image: null,
    };

    it('measures a training step, which has no objects', async () => {
      const { status, body } = await post(resource, { ...request, application_type: 'training' });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          workload: { ...noCounts, optimizer: 'sgd' },
          reached: noCounts,
          network: { parameters, computed_image_size: [64, 64] },
        },
      });
      expect((body['Batch Time'] as { backward_pass: number }).backward_pass).toBeGreaterThan(0);
      const profile = await get(`${service.url}${String(body.profile)}`);
      const [measurement] = profile.body.measurements as { losses: Record<string, number> }[];
      expect(Object.keys(measurement?.losses ?? {})).toEqual(losses);
    });

    it('measures an inference, which has no detections', async () => {
      const { status, body } = await post(resource, { ...request, application_type: 'inference' });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { workload: noCounts, reached: noCounts, network: { parameters }, 'Batch Time': { backward_pass: null } },
      });
      expect((body['Batch Time'] as { forward_pass: number }).forward_pass).toBeGreaterThan(0);
    });
  });

  it('refuses to train with a single image', async () => {
    const { status, body } = await post(resource, { ...TRAINING, batch_size: 1 });
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'untrainable', errors: [{ pointer: '#/batch_size' }] },
    });
  });

  it('refuses what cannot fit, with the figures', async () => {
    await restart({ MEMORY_BUDGET_BYTES: '100000000' });
    const { status, body } = await post(resource, { ...TRAINING, batch_size: 64 });
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'does-not-fit', memory_budget_bytes: 100_000_000 },
    });
    expect(body.planned_peak_bytes).toBeGreaterThan(100_000_000);
    await restart();
  });

  ON_LINUX('goes on answering while the measuring process makes no progress at all', async () => {
    const measured = post(resource, { ...INFERENCE, batch_size: 5 });
    const child = await measuringProcess();
    process.kill(child, 'SIGSTOP');
    try {
      const paths = ['/healthz', '/readyz', '/api/v1/jobs', '/api/v1/hardware', '/api/v1/architectures'];
      for (const path of paths) {
        // One that waits for its child would never answer; given up, the child can go on and the test can end.
        const { status } = await fetch(`${service.url}${path}`, { signal: AbortSignal.timeout(30_000) });
        expect([path, status]).toEqual([path, 200]);
      }
      // One that is known needs no turn.
      expect(await post(resource, TRAINING)).toMatchObject({ status: 200, body: { from_profile: true } });
      expect(await post(resource, { ...TRAINING, batch_size: 0 })).toMatchObject({ status: 422 });
      const { jobs } = (await get(`${service.url}/api/v1/jobs`)).body;
      expect(jobs).toMatchObject({ 0: { state: 'running', workload: { batch_size: 5 } } });
    } finally {
      process.kill(child, 'SIGCONT');
    }
    expect(await measured).toMatchObject({ status: 200, body: { from_profile: false } });
  });

  ON_LINUX('tells of a measuring process that was killed, and measures the next time', async () => {
    const request = { ...INFERENCE, batch_size: 3 };
    const interrupted = post(resource, request);
    process.kill(await measuringProcess(), 'SIGKILL');
    const { status, body } = await interrupted;
    expect({ status, body }).toMatchObject({ status: 503, body: { type: 'child-died', signal: 'SIGKILL' } });
    expect(await post(resource, request)).toMatchObject({ status: 200, body: { from_profile: false } });
  });

  ON_LINUX('takes the measuring process with it when it ends, and takes the job up again', async () => {
    const request = { ...TRAINING, batch_size: 4 };
    const interrupted = post(resource, request);
    const child = await measuringProcess();
    await service.stop();
    expect(await interrupted).toMatchObject({ status: 503, body: { type: 'measuring-cancelled' } });
    expect(() => process.kill(child, 0)).toThrow('ESRCH');
    await start();
    expect(await post(resource, request)).toMatchObject({ status: 200 });
    const { jobs } = (await get(`${service.url}/api/v1/jobs`)).body;
    expect(jobs).toMatchObject({ 0: { state: 'succeeded', interruptions: 1, workload: { batch_size: 4 } } });
  });
});
