import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { get, post } from './support/requests.js';
import { A_MACHINE } from './support/measurements.js';
import { startService, type RunningService } from './support/start-service.js';

const TRAINING = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 8,
  image_size: [320, 320],
  application_type: 'training',
};

describe('what there is to read', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.stop());

  it('has the catalogue with what each variant comes to', async () => {
    const { status, body } = await get(`${service.url}/api/v1/architectures`);
    expect(status).toBe(200);
    expect(body.architectures).toMatchObject([
      {
        name: 'ssdlite320_mobilenet_v3_large',
        task: 'detection',
        default_options: { num_classes: 91, weights_backbone: 'default' },
        default_counts: { objects_per_image: 7 },
        variants: [
          { weights_backbone: 'default', parameters: 5_198_540 },
          { weights_backbone: 'none', parameters: 3_440_060 },
        ],
      },
      {
        name: 'fasterrcnn_resnet50_fpn',
        task: 'detection',
        default_options: { num_classes: 91, weights_backbone: 'default', min_size: 800, max_size: 1333 },
        default_counts: { objects_per_image: 7, positives_per_image: 128 },
        variants: [
          { weights_backbone: 'default', parameters: 41_755_286 },
          { weights_backbone: 'none', parameters: 41_808_406 },
        ],
      },
      {
        name: 'maskrcnn_resnet50_fpn',
        task: 'instance_segmentation',
        variants: [
          { weights_backbone: 'default', parameters: 44_401_393 },
          { weights_backbone: 'none', parameters: 44_454_513 },
        ],
      },
    ]);
  });

  it('has the machine', async () => {
    expect(await get(`${service.url}/api/v1/hardware`)).toMatchObject({ status: 200, body: { id: A_MACHINE.id } });
  });

  it('has no profiles at first', async () => {
    expect(await get(`${service.url}/api/v1/profiles`)).toMatchObject({ status: 200, body: { profiles: [] } });
  });

  it('has the profile of what was measured', async () => {
    const { body: answer } = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    const { body: list } = await get(`${service.url}/api/v1/profiles`);
    expect(list.profiles).toEqual([
      {
        machine: A_MACHINE.id,
        architecture: TRAINING.architecture,
        measurements: 1,
        last_measured_at: '2026-11-20T09:30:00.000Z',
        href: answer.profile,
      },
    ]);
    const { body: profile } = await get(`${service.url}${String(answer.profile)}`);
    expect(profile).toMatchObject({
      schema_version: 1,
      machine: { id: A_MACHINE.id },
      architecture: TRAINING.architecture,
      measurements: [{ workload: answer.workload, operators: [{ operator: 'Conv' }] }],
    });
  });

  it.each([
    'unknown/ssdlite320_mobilenet_v3_large',
    '..%2f..%2fetc/passwd',
    '%2e%2e/profile',
    'a%00b/x',
    '__proto__/__proto__',
  ])('has no profile at %s', async (path) => {
    await writeFile(join(dirname(service.profilesDirectory), 'profile.json'), '{}');
    const { status, body } = await get(`${service.url}/api/v1/profiles/${path}`);
    expect({ status, body }).toMatchObject({ status: 404, body: { type: 'not-found' } });
  });

  it('has a page of the API, under headers that let nothing foreign in', async () => {
    const page = await fetch(`${service.url}/docs`);
    const html = await page.text();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(page.status).toBe(200);
    expect(html).toMatch('Training estimates');
    expect(policy).toMatch("script-src 'self';");
    expect(policy).not.toMatch('upgrade-insecure-requests');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('has a page of the API that needs no script of its own markup', async () => {
    const html = await (await fetch(`${service.url}/docs`)).text();
    const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)<\/script>/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes = '', content = ''] of scripts) {
      const source = /src="([^"]+)"/.exec(attributes)?.[1] ?? 'none';
      expect(content.trim()).toBe('');
      const script = await fetch(new URL(source, `${service.url}/docs`));
      expect([script.status, (await script.text()).length > 0]).toEqual([200, true]);
    }
  });
});
