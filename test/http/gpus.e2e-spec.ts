import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { AN_H200, isAlive, type Play, recording, type Stub, stubNvidiaSmi } from '../fixtures/nvidia-smi/stub.js';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post } from './support/requests.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

const RESNET = {
  architecture: 'resnet18',
  batch_size: 2,
  image_size: [64, 64],
  application_type: 'training',
};

/** The built service beside a program that stands in for NVIDIA's. */
onPosix('the service on a machine with a GPU', () => {
  let profiles: string;
  let stub: Stub;
  let service: ServiceProcess;

  async function start(play: Play): Promise<void> {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    stub = stubNvidiaSmi(play);
    service = await startBuiltService({ PROFILES_DIR: profiles, MEASURE_MAX_SECONDS: '1', ...stub.environment });
  }

  afterEach(async () => {
    await service.stop();
    stub.remove();
    await rm(profiles, { recursive: true, force: true });
  });

  it('tells what it is doing, from one program that ends with the service', async () => {
    await start({ rounds: [[AN_H200]] });
    const hardware = `${service.url}/api/v1/hardware`;
    expect(stub.starts()).toHaveLength(1);
    await get(hardware);
    expect(await get(hardware)).toMatchObject({
      status: 200,
      body: {
        gpus: [{ uuid: AN_H200.uuid, name: 'NVIDIA H200', compute_capability: '9.0' }],
        gpu_readings: [{ used_memory_bytes: 1017 * 2 ** 20, utilization_percent: 37 }],
      },
    });
    expect(stub.starts()).toHaveLength(2);
    await service.stop();
    while (stub.starts().some(isAlive)) await after(5);
  });

  it.each([false, true])('measures on the processor as it does without one, with threading %j', async (threading) => {
    await start({ rounds: [[AN_H200]] });
    const { status, body } = await post(`${service.url}/api/v1/estimate-resource`, { ...RESNET, threading });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        workload: { device: 'cpu', monitoring: threading ? 'interval' : 'stepwise' },
        'Peak GPU Memory': null,
        'Peak GPU Utilization': null,
        'VRAM before training': null,
      },
    });
    expect(body['Peak RAM Memory']).toBeGreaterThan(Number(body['RAM before training']));
  });

  it('shows the process that measures, of which the driver tells nothing here', async () => {
    await start({ rounds: [[AN_H200]], processes: [recording('idle.txt')] });
    const processes = async (): Promise<unknown> => {
      const { body } = await get(`${service.url}/api/v1/hardware`);
      const [reading] = body.gpu_readings as { measuring_processes: unknown }[];
      return reading?.measuring_processes;
    };
    expect(await processes()).toEqual([]);
    const measured = post(`${service.url}/api/v1/estimate-resource`, RESNET);
    let shown = await processes();
    while (JSON.stringify(shown) === '[]') shown = await processes();
    expect(shown).toEqual([{ pid: expect.any(Number) as unknown, used_memory_bytes: null, utilization_percent: null }]);
    expect(await measured).toMatchObject({ status: 200 });
    expect(await processes()).toEqual([]);
  });

  it('goes on without GPUs where the program fails', async () => {
    await start({ says: { text: 'Failed to initialize NVML: Driver/library version mismatch\n', code: 18 } });
    const { status, body } = await get(`${service.url}/api/v1/hardware`);
    await service.stop();
    expect(status).toBe(200);
    expect(body).toMatchObject({ gpus: [], gpu_readings: [] });
  });
});
