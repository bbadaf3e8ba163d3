import fs, { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HardwareService } from '../../src/hardware/hardware.service.js';
import {
  ChildDiedError,
  CountsOutOfRangeError,
  DoesNotFitError,
  MeasuringCancelledError,
  MeasuringFailedError,
  MeasuringTimeoutError,
  NonFiniteLossError,
  OutOfMemoryError,
  UntrainableWorkloadError,
} from '../../src/profiling/measuring.errors.js';
import { get, post, remove, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('a measurement without a result', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService();
  });

  afterAll(() => service.stop());

  const estimate = () => post(`${service.url}/api/v1/estimate-resource`, TRAINING);

  it.each([
    [
      'does not fit',
      new DoesNotFitError('It needs 9 GB, and 4 GB are there.', 9e9 - 0.5, 4e9),
      { status: 422, type: 'does-not-fit', planned_peak_bytes: 9e9, memory_budget_bytes: 4e9 },
    ],
    [
      'cannot be trained',
      new UntrainableWorkloadError('Live batch norms need 2 images.'),
      {
        status: 422,
        type: 'untrainable',
        errors: [{ pointer: '#/batch_size', detail: 'Live batch norms need 2 images.' }],
      },
    ],
    [
      'has no places for so many candidates',
      new CountsOutOfRangeError('At most 90 candidates.'),
      {
        status: 422,
        type: 'counts-out-of-range',
        errors: [{ pointer: '#/candidates_per_image', detail: 'At most 90 candidates.' }],
      },
    ],
    ['ran out of memory', new OutOfMemoryError('The system ended it.'), { status: 422, type: 'out-of-memory' }],
    [
      'was killed',
      new ChildDiedError('It was ended by SIGKILL.', 'SIGKILL', null, 'a secret of the log'),
      { status: 503, type: 'child-died', signal: 'SIGKILL', exit_code: null },
    ],
    ['was cancelled', new MeasuringCancelledError('The service closes.'), { status: 503, type: 'measuring-cancelled' }],
    [
      'took too long',
      new MeasuringTimeoutError('It took more than 600 s.', 600),
      { status: 504, type: 'measuring-timeout', limit_seconds: 600 },
    ],
    ['had no loss', new NonFiniteLossError('The loss is NaN.'), { status: 500, type: 'non-finite-loss' }],
    ['failed', new MeasuringFailedError('It said nonsense.'), { status: 500, type: 'measuring-failed' }],
  ])('that %s is told in a problem document', async (_what, error, expected) => {
    service.measuring.behaviour = () => Promise.reject(error);
    const { status, contentType, body } = await estimate();
    expect(status).toBe(expected.status);
    expect(contentType).toMatch('application/problem+json');
    expect(body).toMatchObject({ ...expected, detail: error.message, instance: '/api/v1/estimate-resource' });
    expect(JSON.stringify(body)).not.toMatch('secret');
  });

  it('tells nothing of the inside when nobody foresaw it', async () => {
    service.measuring.behaviour = () => Promise.reject(new Error('password in /etc/secret'));
    const { status, body } = await estimate();
    expect({ status, type: body.type }).toEqual({ status: 500, type: 'internal-error' });
    expect(JSON.stringify(body)).not.toMatch(/secret|stack|\.ts/);
  });
});

describe('a fault of the service itself', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService();
  });

  afterAll(() => service.stop());

  it('is 500 and no fault of the request, and the next request is answered', async () => {
    const describing = jest.spyOn(service.app.get(HardwareService), 'describe');
    describing.mockRejectedValueOnce(new TypeError('password in /etc/secret'));
    const { status, contentType, body } = await get(`${service.url}/api/v1/hardware`);
    expect({ status, type: body.type }).toEqual({ status: 500, type: 'internal-error' });
    expect(contentType).toMatch('application/problem+json');
    expect(JSON.stringify(body)).not.toMatch(/secret|stack|TypeError/);
    expect(await get(`${service.url}/api/v1/hardware`)).toMatchObject({ status: 200 });
  });
});

describe('after a measurement failed', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.stop());

  it('the same request measures again, and works', async () => {
    const usual = service.measuring.behaviour;
    service.measuring.behaviour = () => Promise.reject(new ChildDiedError('It was killed.', 'SIGKILL', null, ''));
    const failed = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    service.measuring.behaviour = usual;
    const worked = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    expect([failed.status, worked.status]).toEqual([503, 200]);
    expect(worked.body.from_profile).toBe(false);
  });

  it('a profile that cannot be written costs a warning, not the answer', async () => {
    await blockProfiles(service);
    const { status, body } = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    expect({ status, warnings: body.warnings }).toMatchObject({ status: 200, warnings: [{ code: 'not-kept' }] });
  });

  it('the service is not ready while profiles cannot be written', async () => {
    const before = await get(`${service.url}/readyz`);
    await blockProfiles(service);
    const after = await get(`${service.url}/readyz`);
    expect([before.status, after.status]).toEqual([200, 503]);
    expect(after.body).toMatchObject({ type: 'not-ready' });
    expect(after.body.detail).toMatch('PROFILES_DIR');
  });
});

describe('on a disk', () => {
  let service: RunningService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await service.stop();
  });

  /** The last of a job is written after its answer, and its lock removed after that. */
  async function contentsAtRest(): Promise<Record<string, string>> {
    for (;;) {
      const files = await contentsOf(service.profilesDirectory);
      if (!Object.keys(files).some((path) => path.endsWith('.lock'))) return files;
    }
  }

  /** From here on, below the folder of profiles: no process that a test can start has a disk of its own to fill. */
  function refuse(code: string): void {
    const usual = fs.open;
    jest.spyOn(fs, 'open').mockImplementation((path, flags, ...rest) => {
      const isWrite = flags !== undefined && flags !== 'r';
      if (!isWrite || !String(path).startsWith(service.profilesDirectory)) return usual(path, flags, ...rest);
      return Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
    });
  }

  it.each([
    ['that is full', 'ENOSPC', 507, 'storage-full', 'There is no room left: make some'],
    ['that may not be written', 'EROFS', 503, 'storage-read-only', 'let the user of the service write it'],
    ['that fails', 'EIO', 500, 'storage-failed', 'Look into the folder'],
  ])('%s, each answer says what to do, and nothing is lost', async (_what, code, status, type, advice) => {
    const resource = `${service.url}/api/v1/estimate-resource`;
    const asked = (batch: number, prefer?: string) =>
      post(resource, { ...TRAINING, batch_size: batch }, 'application/json', prefer === undefined ? {} : { prefer });
    const before = await asked(8);
    const files = await contentsAtRest();
    refuse(code);

    const refused = await asked(9, 'respond-async');
    expect({ status: refused.status, body: refused.body }).toMatchObject({ status, body: { type } });
    expect(refused.body.detail).toMatch(advice);
    expect(refused.body.detail).toMatch('The same request without Prefer waits');
    const measured = await asked(10);
    expect({ status: measured.status, body: measured.body }).toMatchObject({
      status: 200,
      body: { warnings: [{ code: 'not-kept' }] },
    });
    expect(JSON.stringify(measured.body.warnings)).toMatch(advice);
    const ready = await get(`${service.url}/readyz`);
    expect({ status: ready.status, body: ready.body }).toMatchObject({ status: 503, body: { type: 'not-ready' } });
    expect(ready.body.detail).toMatch(advice);
    const deleted = await remove(service.url + String(before.body.profile));
    expect({ status: deleted.status, body: deleted.body }).toMatchObject({ status, body: { type } });
    expect((await get(`${service.url}/healthz`)).status).toBe(200);
    expect((await asked(8)).body).toEqual({ ...before.body, from_profile: true });
    expect(await contentsOf(service.profilesDirectory)).toEqual(files);

    jest.restoreAllMocks();
    expect((await get(`${service.url}/readyz`)).status).toBe(200);
    expect((await asked(9, 'respond-async')).status).toBe(202);
  });
});

/** By path. */
async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(path, 'utf8').catch(() => '')] as const)),
  );
}

/** A file in the folder's place stops root as well, whom permissions do not. */
async function blockProfiles({ profilesDirectory }: RunningService): Promise<void> {
  await rm(profilesDirectory, { recursive: true, force: true });
  await writeFile(profilesDirectory, '');
  await chmod(profilesDirectory, 0o400);
}
