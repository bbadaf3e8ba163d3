import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post, type Reply } from './support/requests.js';

const REQUESTS = 200;
const SHARED = { architecture: 'resnet18', batch_size: 2, image_size: [64, 64], application_type: 'training' };
const MAX_QUEUED_JOBS = 16;

/** The built service, which really measures meanwhile. */
describe('200 requests at once while a measurement runs', () => {
  let folder: string;
  let service: ServiceProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crowd-'));
    service = await startBuiltService({
      PROFILES_DIR: folder,
      MEASURE_MAX_SECONDS: '2',
      MAX_QUEUED_JOBS: String(MAX_QUEUED_JOBS),
    });
  });

  afterAll(async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const estimate = (path: string, body: object, prefer?: string): Promise<Reply> =>
    post(`${service.url}/api/v1/${path}`, body, 'application/json', prefer === undefined ? {} : { prefer });

  /** One of a mix: the same workload, others, what is only computed, what is only read. */
  function send(index: number): Promise<Reply> {
    const other = { ...SHARED, image_size: [64, 64 + (index % 100)] };
    switch (index % 8) {
      case 0:
        return estimate('estimate-resource', SHARED);
      case 1:
        return estimate('estimate-resource', other, 'respond-async');
      case 2:
        return estimate('estimate-resource', other, 'wait=2');
      case 3:
        return estimate('estimate-training-time', { ...other, dataset_size: 100, epochs: 2 }, 'wait=1');
      case 4:
        return estimate('estimate-inference-time', { ...other, application_type: 'inference' }, 'respond-async');
      case 5:
        return estimate('estimate-training-time', {
          resource_estimation: { ...SHARED, dataset_size: 100 },
          resource_estimation_results: { 'Batch Time': { forward_pass: 0.25, backward_pass: 0.5 } },
          epochs: 4,
        });
      case 6:
        return get(`${service.url}/api/v1/jobs`);
      default:
        return get(`${service.url}/api/v1/${index % 16 === 7 ? 'profiles' : 'architectures'}`);
    }
  }

  async function hasBegun(): Promise<boolean> {
    const { jobs } = (await get(`${service.url}/api/v1/jobs`)).body as { readonly jobs: readonly { state: string }[] };
    return jobs.some(({ state }) => state === 'running');
  }

  async function livenessUntil(over: () => boolean): Promise<number[]> {
    const milliseconds: number[] = [];
    while (!over()) {
      const begun = performance.now();
      expect((await get(`${service.url}/healthz`)).status).toBe(200);
      milliseconds.push(performance.now() - begun);
      await sleep(5);
    }
    return milliseconds.sort((left, right) => left - right);
  }

  it('are all answered with a result, a job or that there is no room, and the service stays lively', async () => {
    const running = estimate('estimate-resource', SHARED);
    while (!(await hasBegun())) await sleep(5);
    let over = false;
    const liveness = livenessUntil(() => over);
    const replies = await Promise.all(Array.from({ length: REQUESTS }, (_, index) => send(index)));
    over = true;
    const milliseconds = await liveness;
    const percentile = (share: number): string =>
      (milliseconds[Math.floor(share * milliseconds.length)] ?? 0).toFixed(0);
    process.stdout.write(
      `/healthz beside ${String(REQUESTS)} requests and a measurement: median ${percentile(0.5)} ms, ` +
        `99 % within ${percentile(0.99)} ms (of ${String(milliseconds.length)})\n`,
    );

    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => ![200, 202, 503].includes(status))).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200, 202, 503]));
    for (const { status, headers, body } of replies) {
      if (status === 503) expect(body).toMatchObject({ type: 'queue-full', max_queued_jobs: MAX_QUEUED_JOBS });
      if (status !== 200) expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    // Those of the same workload share one measurement.
    const shared = [await running, ...replies.filter((_, index) => index % 8 === 0)];
    expect(new Set(shared.map(({ body }) => body.measurement_id)).size).toBe(1);
  });
});
