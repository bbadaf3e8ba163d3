import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { AN_H200, isAlive, type Play, type Stub, stubNvidiaSmi } from '../fixtures/nvidia-smi/stub.js';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get } from './support/requests.js';

const onPosix = process.platform === 'win32' ? describe.skip : describe;

/** The built service beside a program that stands in for NVIDIA's. */
onPosix('the service on a machine with a GPU', () => {
  let profiles: string;
  let stub: Stub;
  let service: ServiceProcess;

  async function start(play: Play): Promise<void> {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    stub = stubNvidiaSmi(play);
    service = await startBuiltService({ PROFILES_DIR: profiles, ...stub.environment });
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

  it('goes on without GPUs where the program fails', async () => {
    await start({ says: { text: 'Failed to initialize NVML: Driver/library version mismatch\n', code: 18 } });
    const { status, body } = await get(`${service.url}/api/v1/hardware`);
    await service.stop();
    expect(status).toBe(200);
    expect(body).toMatchObject({ gpus: [], gpu_readings: [] });
  });
});
