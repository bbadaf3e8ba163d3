import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, isAlive } from '../../bench/processes.js';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from '../http/support/built-service.js';
import { get, post } from '../http/support/requests.js';
import { describeWithPyTorch, PYTHON } from './support.js';

const LITTLE = { runtime: 'pytorch', measure_max_steps: 4, measure_max_seconds: 5 };
const SMALL = { min_size: 64, max_size: 96, image_size: [64, 64], batch_size: 1 };

const TRAININGS = [
  { architecture: 'fasterrcnn_resnet50_fpn', ...SMALL, positives_per_image: 30 },
  { architecture: 'maskrcnn_resnet50_fpn', ...SMALL, positives_per_image: 16 },
  { architecture: 'ssdlite320_mobilenet_v3_large', image_size: [96, 96], batch_size: 2 },
].map((one) => ({ ...one, ...LITTLE, application_type: 'training', dataset_size: 100 }));

const INFERENCES = [
  { architecture: 'fasterrcnn_resnet50_fpn', ...SMALL, candidates_per_image: 60, detections_per_image: 12 },
  { architecture: 'maskrcnn_resnet50_fpn', ...SMALL, candidates_per_image: 60, detections_per_image: 5 },
  { architecture: 'ssdlite320_mobilenet_v3_large', image_size: [96, 96], batch_size: 1, candidates_per_image: 900 },
].map((one) => ({ ...one, ...LITTLE, application_type: 'inference', threading: true }));

interface Evidence {
  readonly measurement_id: string;
  readonly runtime: { readonly name: string; readonly version: string; readonly device: string };
  readonly workload: Readonly<Record<string, unknown>>;
  readonly reached: Readonly<Record<string, number>>;
  readonly times: Readonly<Record<string, number | null>> & { readonly step_seconds: { readonly median: number } };
  readonly memory: { readonly peak_rss_bytes: number; readonly readings: readonly Readonly<Record<string, unknown>>[] };
  readonly trace: string | null;
}

/** The built service with a real torch: it really measures, as briefly as it can. */
describeWithPyTorch('the service with PyTorch', () => {
  let profiles: string;
  let service: ServiceProcess;

  beforeAll(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    service = await startBuiltService({ PROFILES_DIR: profiles, PYTHON });
  });

  afterAll(async () => {
    await service.stop();
    await rm(profiles, { recursive: true, force: true });
  });

  const asked = async (endpoint: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await post(`${service.url}/api/v1/${endpoint}`, body);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  };

  it('lists it among the runtimes', async () => {
    const { body } = await get(`${service.url}/api/v1/hardware`);
    expect(body.runtimes).toMatchObject([
      { runtime: 'onnxruntime', available: true, devices: [{ device: 'cpu' }] },
      { runtime: 'pytorch', available: true, reason: null, versions: { torch: expect.any(String) as string } },
    ]);
  });

  it.each(TRAININGS)('estimates a training of $architecture', async (request) => {
    const time = await asked('estimate-training-time', { ...request, epochs: 3 });
    const { runtime, workload, times, reached, memory, trace } = time as unknown as Evidence;
    expect(runtime).toMatchObject({ name: 'pytorch', device: 'cpu', version: expect.stringMatching(/^\d/) as string });
    expect(workload).toMatchObject({ runtime: 'pytorch', device: 'cpu', precision: 'fp32', monitoring: 'stepwise' });
    const { median } = times.step_seconds;
    const parts = [times.forward_seconds, times.backward_seconds, times.optimizer_seconds].map(Number);
    expect(Math.min(...parts)).toBeGreaterThan(0);
    expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(median, 6);
    expect(times.traced_to_untraced).toBeNull();
    const steps = Math.ceil(100 / request.batch_size) * 3;
    expect(time['Total Training Time']).toBeCloseTo(steps * median, 3);
    // Sampled, or matched: of the objects each is one at least.
    const positives = 'positives_per_image' in request ? request.positives_per_image : reached.positives_per_image;
    expect(reached).toMatchObject({ objects_per_image: 7, positives_per_image: positives });
    expect(reached.positives_per_image).toBeGreaterThanOrEqual(7);
    expect(memory.readings.map(({ point, source }) => [point, source])).toEqual([
      ['before', 'kernel'],
      ['forward_end', 'kernel'],
      ['backward_end', 'kernel'],
      ['step_end', 'kernel'],
    ]);
    // torch alone takes more than this process's Node ever does: it is Python's memory that was read.
    expect(memory.peak_rss_bytes).toBeGreaterThan(250_000_000);
    expect(trace).toBeNull();

    const resource = await asked('estimate-resource', request);
    expect(resource).toMatchObject({ from_profile: true, 'Peak GPU Memory': null, runtime: { name: 'pytorch' } });
  });

  it.each(INFERENCES)('estimates an inference of $architecture', async (request) => {
    const answer = await asked('estimate-inference-time', request);
    expect(answer.runtime).toMatchObject({ name: 'pytorch', device: 'cpu' });
    const { batch } = answer.measurements as { batch: Evidence };
    expect(batch.workload).toMatchObject({ monitoring: 'interval' });
    expect(batch.times).toMatchObject({ backward_seconds: null, optimizer_seconds: null });
    const { candidates_per_image, detections_per_image } = batch.workload;
    expect(batch.reached).toMatchObject({ candidates_per_image, detections_per_image });
    const resource = await asked('estimate-resource', request);
    const { samples } = await measurementOf(resource as unknown as Evidence, String(resource.profile));
    expect(samples.length).toBeGreaterThan(0);
    expect(Math.min(...samples.map(({ rss_bytes }) => rss_bytes))).toBeGreaterThan(200_000_000);
  });

  async function measurementOf(
    { measurement_id }: Evidence,
    profile: string,
  ): Promise<{ samples: { rss_bytes: number }[] }> {
    const { body } = await get(`${service.url}${profile}`);
    const measurements = body.measurements as { id: string; samples: { rss_bytes: number }[] }[];
    const found = measurements.find(({ id }) => id === measurement_id);
    if (found === undefined) throw new Error(`${profile} lacks ${measurement_id}`);
    return found;
  }

  it('measures a training sampled from outside, and an inference step by step', async () => {
    const [training] = TRAININGS.slice(-1);
    const [inference] = INFERENCES.slice(-1);
    expect(await asked('estimate-resource', { ...training, threading: true })).toMatchObject({
      workload: { monitoring: 'interval' },
      cpu: { source: 'schedstat' },
    });
    expect(await asked('estimate-resource', { ...inference, threading: false })).toMatchObject({
      workload: { monitoring: 'stepwise' },
      memory: { readings: [{ point: 'before' }, { point: 'forward_end' }, { point: 'step_end' }] },
    });
  });

  it('has no trace to show, and says so', async () => {
    const { measurement_id, ...answer } = await asked('estimate-resource', TRAININGS[2] ?? {});
    const path = `${String(answer.profile)}/measurements/${String(measurement_id)}/trace`;
    expect(await get(`${service.url}${path}`)).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('only steps of onnxruntime on the CPU are traced') as string },
    });
  });

  it('predicts from what was measured with it, and nothing of the other runtime', async () => {
    const request = Object.fromEntries(
      Object.entries(TRAININGS[2] ?? {}).filter(([name]) => !name.startsWith('measure_')),
    );
    const other = { ...request, batch_size: 3, source: 'predicted' };
    expect(await asked('estimate-resource', other)).toMatchObject({
      kind: 'predicted',
      support: 'beyond',
      rests_on: { measurement_ids: [expect.any(String) as string] },
      runtime: { name: 'pytorch' },
      proposal: { runtime: 'pytorch', batch_size: 3, source: 'measured' },
    });
    expect(await post(`${service.url}/api/v1/estimate-resource`, { ...other, runtime: 'onnxruntime' })).toMatchObject({
      status: 409,
      body: { type: 'nothing-to-predict-from' },
    });
  });

  it('says whether a workload fits, and what is the largest batch', async () => {
    const request = Object.fromEntries(
      Object.entries(TRAININGS[2] ?? {}).filter(([name]) => !name.startsWith('measure_')),
    );
    expect(await asked('estimate-fit', { ...request, memory_budget_bytes: 64_000_000_000 })).toMatchObject({
      fits: true,
      kind: 'measured',
      breakdown: { weights_bytes: expect.any(Number) as number },
      largest_batch_size: expect.any(Number) as number,
      runtime: { name: 'pytorch' },
    });
  });

  it('refuses a GPU that is not there', async () => {
    const request = { ...TRAININGS[0], device: 'cuda:77' };
    expect(await post(`${service.url}/api/v1/estimate-resource`, request)).toMatchObject({
      status: 422,
      body: { type: 'device-unavailable', errors: [{ pointer: '#/device' }] },
    });
  });

  it('computes in bfloat16 where torch can', async () => {
    const request = {
      ...LITTLE,
      architecture: 'resnet18',
      application_type: 'inference',
      batch_size: 1,
      image_size: [64, 64],
    };
    const answer = await asked('estimate-resource', { ...request, precision: 'bf16' });
    expect(answer).toMatchObject({ workload: { precision: 'bf16' }, from_profile: false });
  });

  (process.platform === 'linux' ? it : it.skip)('leaves no Python behind when the service is killed', async () => {
    const [training] = TRAININGS;
    const request = { ...training, batch_size: 4, measure_max_steps: 1000, measure_max_seconds: 60 };
    const cut = post(`${service.url}/api/v1/estimate-resource`, request).catch(() => null);
    const pythons = await startedPythons();
    await service.kill();
    await cut;
    for (const python of pythons) while (await isAlive(python)) await sleep(20);
    service = await startBuiltService({ PROFILES_DIR: profiles, PYTHON, LOG_LEVEL: 'info' });
  });

  async function startedPythons(): Promise<readonly number[]> {
    for (;;) {
      const children = await service.measuringProcesses();
      const found = (await Promise.all(children.map((child) => childrenOf(child, 'pytorch.py')))).flat();
      if (found.length > 0) return found;
      await sleep(20);
    }
  }
});
