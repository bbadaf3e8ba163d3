import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { AN_H200, isAlive, type Play, recording, type Stub, stubNvidiaSmi } from '../fixtures/nvidia-smi/stub.js';
import { FakePython } from '../fixtures/fake-python.js';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post } from './support/requests.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const MEBIBYTE = 2 ** 20;
const WORKER = join(__dirname, '../fixtures/gpu-python/worker.js');
const ON_GPU = {
  architecture: 'resnet18',
  batch_size: 2,
  image_size: [64, 64],
  application_type: 'training',
  runtime: 'pytorch',
  device: 'cuda:0',
  precision: 'tf32',
};

/** The built service, with programs in the places of NVIDIA's and of a Python with torch: there is no GPU here. */
onPosix('a measurement on a GPU', () => {
  let profiles: string;
  let python: FakePython;
  let stub: Stub;
  let service: ServiceProcess;
  let resource: string;

  beforeEach(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    python = await FakePython.make();
  });
  afterEach(async () => {
    await service.stop();
    const started = [...stub.starts(), ...pidOfPython()];
    while (started.some(isAlive)) await after(5);
    stub.remove();
    await python.remove();
    await rm(profiles, { recursive: true, force: true });
  });

  async function start(play: Play): Promise<void> {
    const folder = dirname(python.file);
    await python.runs(`exec '${process.execPath}' '${WORKER}' '${folder}' "$@"`);
    stub = stubNvidiaSmi({ pidFile: join(folder, 'pid'), ...play });
    await startService();
  }

  async function startService(): Promise<void> {
    service = await startBuiltService({
      PROFILES_DIR: profiles,
      MEASURE_MAX_SECONDS: '10',
      PYTHON: python.file,
      // Tests may run in a container.
      GPU_PROCESS_IDS: 'own',
      ...stub.environment,
    });
    resource = `${service.url}/api/v1/estimate-resource`;
  }

  function pidOfPython(): readonly number[] {
    const file = join(dirname(python.file), 'pid');
    return existsSync(file) ? [Number(readFileSync(file, 'utf8'))] : [];
  }

  it('has the figures of the allocator and of the driver, each by its name', async () => {
    await start({ rounds: [[AN_H200]], processes: [recording('training.txt')] });
    const { status, body } = await post(resource, ON_GPU);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        kind: 'measured',
        workload: { runtime: 'pytorch', device: 'cuda:0', precision: 'tf32' },
        runtime: { name: 'pytorch', device: 'cuda:0', version: '2.9.1+cu128' },
        'Peak GPU Memory': 5830 * MEBIBYTE,
        'Peak GPU Utilization': 87,
        'VRAM before training': 1017 * MEBIBYTE,
        memory: {
          gpu: {
            allocated_peak_bytes: 1234 * MEBIBYTE,
            reserved_peak_bytes: 1500 * MEBIBYTE,
            process_peak_bytes: 5830 * MEBIBYTE,
            device_used_peak_bytes: 1017 * MEBIBYTE,
            device_used_before_bytes: 1017 * MEBIBYTE,
          },
        },
        gpu: {
          device_mean_percent: 37,
          device_peak_percent: 37,
          process_mean_percent: 87,
          process_peak_percent: 87,
        },
      },
    });
    expect(body['Batch Time']).toEqual({
      forward_pass: expect.closeTo(0.03, 3) as number,
      backward_pass: expect.closeTo(0.07, 3) as number,
    });
    const commands = readFileSync(join(dirname(python.file), 'commands'), 'utf8');
    expect(commands).toMatch(/^prepare cuda:0\nload \n(step \n)+reset_peak \n(step \n)+memory \nrelease \n$/);
    // From the profile it is the same, until the driver is another one.
    expect(await post(resource, ON_GPU)).toMatchObject({
      body: { from_profile: true, 'Peak GPU Memory': 5830 * MEBIBYTE },
    });
    // What the process needed of the machine's own memory says nothing of the GPU's.
    expect(await post(`${service.url}/api/v1/estimate-fit`, ON_GPU)).toMatchObject({
      status: 409,
      body: { type: 'nothing-to-predict-from', proposal: { runtime: 'pytorch', device: 'cuda:0', precision: 'tf32' } },
    });
    await service.stop();
    stub.remove();
    stub = stubNvidiaSmi({ rounds: [[{ ...AN_H200, driver_version: '580.65.06' }]] });
    await startService();
    const { machine } = body as { machine: { id: string } };
    const { body: profile } = await get(`${service.url}/api/v1/profiles/${machine.id}/resnet18`);
    expect(JSON.stringify(profile)).toContain('the driver of the GPU was 570.133.20, and is 580.65.06 now');
  });

  it.each<[string, Play]>([
    ['hangs', { hangsAtProcesses: true }],
    ['tells nothing of processes', { processes: [recording('idle.txt')] }],
    ['hides the memory of processes', { processes: [recording('hidden.txt')] }],
  ])('has null for the memory of the process where the driver %s', async (_what, play) => {
    await start({ rounds: [[AN_H200]], ...play });
    expect(await post(resource, ON_GPU)).toMatchObject({
      status: 200,
      body: {
        'Peak GPU Memory': null,
        memory: { gpu: { allocated_peak_bytes: 1234 * MEBIBYTE, process_peak_bytes: null } },
      },
    });
  });

  it('has null for all that the driver tells where it vanishes meanwhile', async () => {
    // Its inventory is taken at the start, and the first round is told before the steps are timed.
    await start({ rounds: [[AN_H200]], endsAfter: { rounds: 8 }, processes: [recording('idle.txt')] });
    stub.vanish();
    expect(await post(resource, ON_GPU)).toMatchObject({
      status: 200,
      body: {
        'Peak GPU Memory': null,
        'Peak GPU Utilization': null,
        memory: { gpu: { reserved_peak_bytes: 1500 * MEBIBYTE, device_used_peak_bytes: null } },
        gpu: { device_mean_percent: null, process_mean_percent: null },
      },
    });
  });

  it('is refused on a device that does not work, with what does', async () => {
    await start({ rounds: [[AN_H200]] });
    const refused = async (changes: object): Promise<unknown> => {
      const { status, body } = await post(resource, { ...ON_GPU, ...changes });
      return { status, type: body.type, detail: body.detail, errors: body.errors };
    };
    expect(await refused({ device: 'cuda:1' })).toMatchObject({
      status: 422,
      type: 'device-unavailable',
      detail:
        'device is "cuda:1", but PyTorch cannot compute on it here: CUDA error: out of memory. It can compute on "cpu", "cuda:0".',
      errors: [{ pointer: '#/device' }],
    });
    expect(await refused({ device: 'cuda:7' })).toMatchObject({
      detail: expect.stringContaining('there is no such device') as unknown,
    });
    expect(await refused({ device: 'cuda:0', runtime: 'onnxruntime', precision: 'fp32' })).toMatchObject({
      status: 422,
      type: 'device-unavailable',
      detail: expect.stringMatching(
        /"cuda:0", but onnxruntime cannot .*npm run setup:cuda.*It can compute on "cpu"/,
      ) as unknown,
    });
    expect(await get(`${service.url}/api/v1/jobs`)).toMatchObject({ body: { jobs: [] } });
  });

  it('can be asked for as the hardware says', async () => {
    await start({ rounds: [[AN_H200]] });
    const { body } = await get(`${service.url}/api/v1/hardware`);
    expect(body).toMatchObject({
      gpus: [{ name: 'NVIDIA H200', cuda_index: 0 }],
      runtimes: [
        {
          runtime: 'onnxruntime',
          devices: [{ device: 'cpu' }],
          unavailable_devices: [
            { device: 'cuda:0', reason: expect.stringContaining('npm run setup:cuda') as unknown },
            { device: 'webgpu' },
          ],
        },
        {
          runtime: 'pytorch',
          versions: { torch: '2.9.1+cu128', cuda: '12.8' },
          devices: [{ device: 'cpu' }, { device: 'cuda:0', name: 'NVIDIA H200' }],
          unavailable_devices: [{ device: 'cuda:1', reason: 'CUDA error: out of memory' }],
        },
      ],
    });
  });
});
