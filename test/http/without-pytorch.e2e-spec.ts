import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post } from './support/requests.js';

describe('the service where there is no PyTorch', () => {
  let profiles: string;
  let service: ServiceProcess;

  beforeAll(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    service = await startBuiltService({ PROFILES_DIR: profiles, PYTHON: '/nonexistent/python' });
  });

  afterAll(async () => {
    await service.stop();
    await rm(profiles, { recursive: true, force: true });
  });

  it('refuses to measure with it, and says what to install', async () => {
    const request = {
      architecture: 'ssdlite320_mobilenet_v3_large',
      batch_size: 2,
      image_size: [320, 320],
      application_type: 'training',
      runtime: 'pytorch',
    };
    const { status, body } = await post(`${service.url}/api/v1/estimate-resource`, request);
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'runtime-unavailable', errors: [{ pointer: '#/runtime' }] },
    });
    expect(body.detail).toContain('apt-get install python3-torch python3-torchvision libopenblas0-pthread');
    expect(await get(`${service.url}/api/v1/jobs`)).toMatchObject({ body: { jobs: [] } });
  });

  it('says why among the runtimes', async () => {
    const { body } = await get(`${service.url}/api/v1/hardware`);
    expect(body.pytorch).toBeNull();
    expect(body.runtimes).toMatchObject([
      { runtime: 'onnxruntime', available: true },
      { runtime: 'pytorch', available: false, devices: [], reason: expect.stringContaining('ENOENT') as string },
    ]);
  });
});
