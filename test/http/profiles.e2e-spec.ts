import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { A_FORMER_ID, A_MACHINE, aMeasurement, THE_LIMITS } from '../fixtures/measurements.js';
import { asVersion1, exportOf, measureAnew, TWIN } from './support/profiles.js';
import { get, INFERENCE, post, remove, type Reply, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

describe('profiles', () => {
  let service: RunningService;
  let profile: string;
  let file: string;

  beforeEach(async () => {
    service = await startService();
    measureAnew(service);
    profile = `${service.url}/api/v1/profiles/${A_MACHINE.id}/${TRAINING.architecture}`;
    file = join(service.profilesDirectory, A_MACHINE.id, `${TRAINING.architecture}.json`);
  });

  afterEach(() => service.stop());

  const estimate = (more: object = {}) => post(`${service.url}/api/v1/estimate-resource`, { ...TRAINING, ...more });
  const take = (body: unknown) => post(`${service.url}/api/v1/profiles/import`, body);

  async function restart(): Promise<void> {
    service = await service.restart();
    measureAnew(service);
    profile = `${service.url}/api/v1/profiles/${A_MACHINE.id}/${TRAINING.architecture}`;
  }

  const exported = () => exportOf(profile);

  const statesIn = ({ body }: Reply) =>
    [body.measurements, body.history].map((list) =>
      (list as { id: string; state: string }[]).map(({ id, state }) => `${id} ${state}`),
    );

  describe('with a history', () => {
    it('keep what was measured before when it is refreshed', async () => {
      const first = await estimate();
      const second = await estimate({ refresh: true });
      const third = await estimate({ refresh: false });
      expect(first.body).toMatchObject({ measurement_id: 'm1', from_profile: false });
      expect(second.body).toMatchObject({ measurement_id: 'm2', from_profile: false });
      expect(third.body).toMatchObject({ measurement_id: 'm2', from_profile: true });
      expect(statesIn(await get(profile))).toEqual([['m2 answers'], ['m1 superseded']]);
    });

    it('are refreshed of both sizes of an inference', async () => {
      const request = { ...INFERENCE, refresh: true };
      await post(`${service.url}/api/v1/estimate-inference-time`, request);
      await post(`${service.url}/api/v1/estimate-inference-time`, request);
      expect(service.measuring.asked.map(({ batchSize }) => batchSize)).toEqual([8, 1, 8, 1]);
    });

    it('are refreshed once for those who ask at the same time', async () => {
      await estimate();
      await Promise.all([estimate({ refresh: true }), estimate({ refresh: true })]);
      expect(service.measuring.asked).toHaveLength(2);
    });

    it.each(['yes', 1, null])('do not take %j for a wish to refresh', async (refresh) => {
      const { status, body } = await estimate({ refresh });
      expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer: '#/refresh' }] } });
    });
  });

  describe('made within limits', () => {
    beforeEach(() => {
      let made = 0;
      service.measuring.behaviour = (workload, { limits }) => {
        const protocol = { ...(limits ?? THE_LIMITS), shortened: limits?.maxSteps !== THE_LIMITS.maxSteps };
        const measuredAt = `2026-11-20T09:30:0${String(++made)}.000Z`;
        return Promise.resolve(aMeasurement(workload, { id: `m${String(made)}`, measuredAt, protocol }));
      };
    });

    it('answer no request with wider ones when they were cut short, and say so', async () => {
      const short = await estimate({ measure_max_steps: 20, measure_max_seconds: 2.5 });
      expect(short.body).toMatchObject({
        measurement_id: 'm1',
        protocol: { max_steps: 20, max_seconds: 2.5, shortened: true },
        warnings: [{ code: 'shortened' }],
      });
      expect((await estimate({ measure_max_steps: 20, measure_max_seconds: 2 })).body).toMatchObject({
        measurement_id: 'm1',
        from_profile: true,
      });
      const whole = await estimate();
      expect(whole.body).toMatchObject({ measurement_id: 'm2', protocol: { max_steps: 1000 }, warnings: [] });
      expect((await estimate({ measure_max_steps: 20 })).body).toMatchObject({ measurement_id: 'm2' });
      expect(statesIn(await get(profile))).toEqual([['m2 answers'], ['m1 superseded']]);
    });

    it('leave the one that was not cut short to those who ask for more', async () => {
      await estimate();
      await estimate({ measure_max_steps: 20, refresh: true });
      expect((await estimate()).body).toMatchObject({ measurement_id: 'm1', from_profile: true });
      expect(statesIn(await get(profile))).toEqual([['m2 answers', 'm1 answers'], []]);
    });

    it.each([
      ['measure_max_steps', 1001, '1000 steps at most (MEASURE_MAX_STEPS)'],
      ['measure_max_seconds', 60.5, '60 seconds at most (MEASURE_MAX_SECONDS)'],
    ])('cannot be asked for wider than the service has them: %s', async (field, value, text) => {
      const { status, body } = await estimate({ [field]: value });
      expect({ status, body }).toMatchObject({ status: 422, body: { errors: [{ pointer: `#/${field}` }] } });
      expect(JSON.stringify(body)).toContain(text);
      expect(service.measuring.asked).toHaveLength(0);
    });
  });

  describe('that became stale', () => {
    beforeEach(async () => {
      await estimate();
      const text = await readFile(file, 'utf8');
      await writeFile(
        file,
        text.replaceAll(`"engine_version": "${A_MACHINE.engineVersion}"`, '"engine_version": "0.0.0"'),
      );
    });

    it('say why, and answer no request', async () => {
      const { body } = await get(profile);
      expect(body.measurements).toMatchObject([
        { state: 'stale', stale_because: ["this project's version was 0.0.0, and is 0.0.1 now"] },
      ]);
      const { body: list } = await get(`${service.url}/api/v1/profiles`);
      expect(list.profiles).toMatchObject([{ measurements: 1, stale: 1 }]);
      expect((await estimate()).body).toMatchObject({ from_profile: false, measurement_id: 'm2' });
      expect(statesIn(await get(profile))).toEqual([['m2 answers'], ['m1 stale']]);
    });
  });

  describe('of an earlier version', () => {
    it('are read', async () => {
      await estimate();
      const theirs = asVersion1(await exported(), TWIN);
      expect(await take(theirs)).toMatchObject({ status: 200, body: { machine: TWIN } });
      const { body } = await get(`${service.url}/api/v1/profiles/${TWIN}/${TRAINING.architecture}`);
      expect(body).toMatchObject({
        schema_version: 2,
        measurements: [{ state: 'foreign', conditions: { onnxruntime_version: A_MACHINE.onnxruntimeVersion } }],
      });
    });

    it('are taken in under the present id of the machine that made them', async () => {
      await estimate();
      const own = asVersion1(await exported(), A_FORMER_ID);
      await remove(profile);
      expect(await take(own)).toMatchObject({ status: 200, body: { machine: A_MACHINE.id, added: ['m1'] } });
      expect((await estimate()).body.from_profile).toBe(true);
    });

    it('are adopted at the start by the machine that made them', async () => {
      await estimate();
      const own = asVersion1(await exported(), A_FORMER_ID);
      await remove(profile);
      const formerFolder = join(service.profilesDirectory, A_FORMER_ID);
      await mkdir(formerFolder);
      await writeFile(join(formerFolder, `${TRAINING.architecture}.json`), JSON.stringify(own));
      await restart();
      expect(statesIn(await get(profile))).toEqual([['m1 answers'], []]);
      expect(await readdir(formerFolder)).toEqual([expect.stringMatching(/\.json\.adopted-/)]);
    });
  });

  describe('that are deleted', () => {
    it('measurement by measurement, leave the others', async () => {
      await estimate();
      await estimate({ refresh: true });
      expect((await remove(`${profile}/measurements/m2`)).status).toBe(204);
      expect(statesIn(await get(profile))).toEqual([['m1 answers'], []]);
      expect((await remove(`${profile}/measurements/m2`)).status).toBe(404);
      expect((await remove(`${profile}/measurements/m1`)).status).toBe(204);
      expect((await get(profile)).status).toBe(404);
    });

    it('as a whole, are measured again when they are asked for', async () => {
      await estimate();
      expect((await remove(profile)).status).toBe(204);
      expect((await remove(profile)).status).toBe(404);
      expect((await estimate()).body.from_profile).toBe(false);
    });

    it.each(['..%2f..%2fetc/passwd', '%2e%2e/profile', 'a%00b/x', 'unknown/x', 'unknown/x/measurements/m1'])(
      'are none at %s',
      async (path) => {
        const outside = join(dirname(service.profilesDirectory), 'profile.json');
        await writeFile(outside, '{}');
        const { status, body } = await remove(`${service.url}/api/v1/profiles/${path}`);
        expect({ status, type: body.type }).toEqual({ status: 404, type: 'not-found' });
        expect(await readFile(outside, 'utf8')).toBe('{}');
      },
    );
  });

  describe('of which one is damaged', () => {
    it('go on without it, and say so', async () => {
      await estimate();
      await estimate({ architecture: 'resnet18', task_type: undefined });
      await writeFile(file, '{"schema_version": 2, "mach');
      const { body: list } = await get(`${service.url}/api/v1/profiles`);
      expect(list).toMatchObject({
        profiles: [{ architecture: 'resnet18' }],
        unreadable: [{ file: `${A_MACHINE.id}/${TRAINING.architecture}.json`, set_aside: false }],
      });
      expect(await get(profile)).toMatchObject({ status: 500, body: { type: 'unreadable-profile' } });
      expect(await (await fetch(`${profile}/export`)).text()).toMatch('mach');
      expect((await estimate({ architecture: 'resnet18' })).body.from_profile).toBe(true);
    });

    it('have set it aside after the next start, and are measured anew', async () => {
      await estimate();
      await writeFile(file, '{');
      await restart();
      const [name] = await readdir(dirname(file));
      expect(name).toMatch(/\.json\.unreadable-/);
      expect(await readFile(join(dirname(file), String(name)), 'utf8')).toBe('{');
      const { body: list } = await get(`${service.url}/api/v1/profiles`);
      expect(list).toMatchObject({ profiles: [], unreadable: [{ set_aside: true }] });
      expect((await estimate()).body.from_profile).toBe(false);
      expect((await get(profile)).status).toBe(200);
    });

    it('leave one of a later version as it is, and replace it by nothing', async () => {
      await estimate();
      const later = (await readFile(file, 'utf8')).replace('"schema_version": 2', '"schema_version": 3');
      await writeFile(file, later);
      await restart();
      const { status, body } = await estimate();
      expect({ status, body }).toMatchObject({ status: 200, body: { warnings: [{ code: 'not-kept' }] } });
      expect(await readFile(file, 'utf8')).toBe(later);
      const { body: list } = await get(`${service.url}/api/v1/profiles`);
      expect(JSON.stringify(list.unreadable)).toMatch('schema_version is 3');
    });
  });
});
