import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { architectures } from '../../src/engine/zoo/catalogue.js';
import { get, post, TRAINING } from './support/requests.js';
import { A_MACHINE } from '../fixtures/measurements.js';
import { startService, type RunningService } from './support/start-service.js';

describe('what there is to read', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.stop());

  describe('of the catalogue', () => {
    const SSDLITE = {
      name: 'ssdlite320_mobilenet_v3_large',
      task: 'detection',
      parameters: 5_198_540,
      trainable_parameters: 5_198_540,
      forward_multiply_accumulates: 689_751_104,
      default_image_size: [320, 320],
      computed_image_size: [320, 320],
      smallest_image_side: 1,
      resize_rule: 'every image is resized to 320x320',
      options: {
        num_classes: { default: 91, minimum: 2, maximum: 2000 },
        weights_backbone: { default: 'default', choices: ['default', 'none'] },
        trainable_backbone_layers: { default: 6, minimum: 0, maximum: 6 },
      },
      counts: {
        training: { objects_per_image: { default: 7, minimum: 1, maximum: 500 } },
        inference: {
          candidates_per_image: { default: 3000, minimum: 0, maximum: 27_000 },
          detections_per_image: { default: 300, minimum: 0, maximum: 300 },
        },
      },
      variants: [
        {
          weights_backbone: 'default',
          parameters: 5_198_540,
          trainable_parameters: 5_198_540,
          forward_multiply_accumulates: 689_751_104,
        },
        {
          weights_backbone: 'none',
          parameters: 3_440_060,
          trainable_parameters: 3_440_060,
          forward_multiply_accumulates: 583_171_904,
        },
      ],
    };

    it('has what a network comes to, and what a request can set for it', async () => {
      const reply = await get(`${service.url}/api/v1/architectures/ssdlite320_mobilenet_v3_large`);
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual(SSDLITE);
    });

    it('has only the options that a network has', async () => {
      const { body: classifier } = await get(`${service.url}/api/v1/architectures/resnet18`);
      expect(classifier).toMatchObject({ task: 'classification', parameters: 11_689_512, counts: null });
      expect(classifier.options).toEqual({ num_classes: { default: 1000, minimum: 2, maximum: 2000 } });
      const { body: detector } = await get(`${service.url}/api/v1/architectures/fasterrcnn_resnet50_fpn`);
      expect(detector.options).toEqual({
        num_classes: { default: 91, minimum: 2, maximum: 2000 },
        weights_backbone: { default: 'default', choices: ['default', 'none'] },
        trainable_backbone_layers: { default: 3, minimum: 0, maximum: 5 },
        min_size: { default: 800, minimum: 64, maximum: 4096 },
        max_size: { default: 1333, minimum: 64, maximum: 8192 },
      });
      expect(detector.counts).toMatchObject({
        training: { positives_per_image: { default: 128, minimum: 1, maximum: 128 } },
      });
    });

    it('lists every network', async () => {
      const { status, body } = await get(`${service.url}/api/v1/architectures`);
      expect(status).toBe(200);
      expect(namesIn(body)).toEqual([...architectures.keys()]);
      expect((body.architectures as unknown[])[0]).toEqual(SSDLITE);
    });

    it.each(['detection', 'instance', 'segmentation', 'classification'])('lists those for %s', async (task) => {
      const { body } = await get(`${service.url}/api/v1/architectures?task=${task}`);
      const all = [...architectures.values()];
      expect(namesIn(body)).toEqual(all.filter((one) => one.task === task).map(({ name }) => name));
    });

    it.each([
      ['task=instance_segmentation', 'task', 'one of "detection", "instance", "segmentation", "classification"'],
      ['task=', 'task', 'but is ""'],
      ['task=detection&task=instance', 'task', 'but is ["detection","instance"]'],
      ['tasks=detection', 'tasks', 'Did you mean "task"?'],
      ['constructor=detection', 'constructor', 'not a field'],
    ])('does not take ?%s', async (query, parameter, text) => {
      const { status, contentType, body } = await get(`${service.url}/api/v1/architectures?${query}`);
      expect({ status, body }).toMatchObject({
        status: 422,
        body: { type: 'invalid-request', errors: [{ parameter, detail: expect.stringContaining(text) as unknown }] },
      });
      expect(contentType).toMatch('application/problem+json');
    });

    it.each(['resnet', 'RESNET18', '__proto__', 'toString'])('has no %s, but offers others', async (name) => {
      const { status, body } = await get(`${service.url}/api/v1/architectures/${name}`);
      expect({ status, body }).toMatchObject({ status: 404, body: { type: 'unknown-architecture' } });
      expect(body.nearest).toHaveLength(3);
      expect(body.errors).toBeUndefined();
    });

    it('answers liveness while networks are counted', async () => {
      const listed = get(`${service.url}/api/v1/architectures`).then(() => 'listed');
      const alive = get(`${service.url}/healthz`).then(({ body }) => body.status);
      expect(await Promise.race([listed, alive])).toBe('ok');
      expect(await listed).toBe('listed');
    });
  });

  it('has the machine', async () => {
    expect(await get(`${service.url}/api/v1/hardware`)).toMatchObject({ status: 200, body: { id: A_MACHINE.id } });
  });

  it('has no profiles at first', async () => {
    expect(await get(`${service.url}/api/v1/profiles`)).toMatchObject({
      status: 200,
      body: { profiles: [], unreadable: [] },
    });
  });

  it('has the profile of what was measured', async () => {
    const { body: answer } = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    const { body: list } = await get(`${service.url}/api/v1/profiles`);
    expect(list.profiles).toEqual([
      {
        machine: A_MACHINE.id,
        architecture: TRAINING.architecture,
        of_this_machine: true,
        measurements: 1,
        stale: 0,
        last_measured_at: '2026-11-20T09:30:00.000Z',
        href: answer.profile,
      },
    ]);
    const { body: profile } = await get(`${service.url}${String(answer.profile)}`);
    expect(profile).toMatchObject({
      schema_version: 2,
      machine: { id: A_MACHINE.id },
      architecture: TRAINING.architecture,
      measurements: [{ workload: answer.workload, operators: [{ operator: 'Conv' }], state: 'answers' }],
      history: [],
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

function namesIn(body: Record<string, unknown>): string[] {
  return (body.architectures as { name: string }[]).map(({ name }) => name);
}
