import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROFILE_SCHEMA_VERSION } from '../../src/profiles/profile.js';
import { A_FORMER_ID, A_MACHINE, aMeasurement } from '../fixtures/measurements.js';
import { get, post, remove, type Reply } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

const TRAINING = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 8,
  image_size: [320, 320],
  application_type: 'training',
};
const INFERENCE = { ...TRAINING, application_type: 'inference' };
const TWIN = 'fedcba987654';
const MEDIAN = '#/measurements/0/times/step_seconds/median';

interface Exported {
  schema_version: number;
  machine: { id: string; engine_version: string };
  architecture: string;
  measurements: {
    id: string;
    measured_at: string;
    times: { step_seconds: { median: number; p05: number; p95: number } };
  }[];
}

describe('profiles', () => {
  let service: RunningService;
  let profile: string;
  let file: string;
  let made: number;

  beforeEach(async () => {
    service = await startService();
    made = 0;
    measureAnew();
    profile = `${service.url}/api/v1/profiles/${A_MACHINE.id}/${TRAINING.architecture}`;
    file = join(service.profilesDirectory, A_MACHINE.id, `${TRAINING.architecture}.json`);
  });

  afterEach(() => service.stop());

  /** Each measurement has an id of its own, as real ones have. */
  function measureAnew(): void {
    service.measuring.behaviour = (workload) => {
      made += 1;
      const measuredAt = `2026-11-20T09:30:0${String(made)}.000Z`;
      return Promise.resolve(aMeasurement(workload, { id: `m${String(made)}`, measuredAt }));
    };
  }

  const estimate = (more: object = {}) => post(`${service.url}/api/v1/estimate-resource`, { ...TRAINING, ...more });
  const take = (body: unknown) => post(`${service.url}/api/v1/profiles/import`, body);

  async function restart(): Promise<void> {
    service = await service.restart();
    measureAnew();
    profile = `${service.url}/api/v1/profiles/${A_MACHINE.id}/${TRAINING.architecture}`;
  }

  async function exported(from = profile): Promise<Exported> {
    return (await (await fetch(`${from}/export`)).json()) as Exported;
  }

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

  describe('that are exported', () => {
    it('come as the file that is there', async () => {
      await estimate();
      const response = await fetch(`${profile}/export`);
      expect(response.headers.get('content-type')).toMatch('application/json');
      expect(response.headers.get('content-disposition')).toBe(
        `attachment; filename="${A_MACHINE.id}-${TRAINING.architecture}.json"`,
      );
      expect(await response.text()).toBe(await readFile(file, 'utf8'));
    });

    it.each(['unknown/x', '..%2f..%2fetc/passwd'])('are none at %s', async (path) => {
      expect((await get(`${service.url}/api/v1/profiles/${path}/export`)).status).toBe(404);
    });
  });

  describe('that are imported', () => {
    it('answer again where they were deleted', async () => {
      await estimate();
      const file = await exported();
      await remove(profile);
      expect(await take(file)).toMatchObject({ status: 200, body: { added: ['m1'], known: [], different: [] } });
      expect((await estimate()).body.from_profile).toBe(true);
      expect(await exported()).toEqual(file);
    });

    it('are merged by their ids, and replace nothing', async () => {
      await estimate();
      await estimate({ refresh: true });
      const kept = await exported();
      const other = structuredClone(kept);
      const [first, second] = other.measurements;
      if (first === undefined || second === undefined) throw new Error('Two were measured.');
      second.times.step_seconds.p95 = 100;
      const earlier = { ...structuredClone(first), id: 'earlier', measured_at: '2026-11-19T00:00:00.000Z' };
      const { body } = await take({ ...other, measurements: [first, second, earlier] });
      expect(body).toMatchObject({ added: ['earlier'], known: ['m1'], different: ['m2'] });
      expect((await exported()).measurements).toEqual([earlier, ...kept.measurements]);
      expect((await estimate()).body.measurement_id).toBe('m2');
    });

    it('of another machine are kept apart and answer nothing', async () => {
      await estimate();
      const theirs = exportedOf(await exported(), TWIN);
      await remove(profile);
      expect(await take(theirs)).toMatchObject({ status: 200, body: { machine: TWIN } });
      const { body } = await get(`${service.url}/api/v1/profiles/${TWIN}/${TRAINING.architecture}`);
      expect(body.measurements).toMatchObject([{ state: 'foreign' }]);
      expect((await estimate()).body.from_profile).toBe(false);
    });

    it.each<[string, (given: Exported) => unknown, string]>([
      ['a list', () => [], '#'],
      ['a text where a number belongs', (given) => withMedian(given, 'fast'), MEDIAN],
      ['a step that takes no time', (given) => withMedian(given, 0), MEDIAN],
      [
        'a name that leads elsewhere',
        (given) => ({ ...given, machine: { ...given.machine, id: '../x' } }),
        '#/machine/id',
      ],
      ['a name that hides', (given) => ({ ...given, machine: { ...given.machine, id: '.x' } }), '#/machine/id'],
      ['a name in capitals', (given) => ({ ...given, machine: { ...given.machine, id: 'ABC' } }), '#/machine/id'],
      ['a device for a name', (given) => ({ ...given, machine: { ...given.machine, id: 'nul' } }), '#/machine/id'],
      ['another architecture', (given) => ({ ...given, architecture: '../../x' }), '#/architecture'],
      [
        'measurements of another',
        (given) => ({ ...given, architecture: 'x' }),
        '#/measurements/0/workload/architecture',
      ],
      [
        'an id twice',
        (given) => ({ ...given, measurements: [...given.measurements, ...given.measurements] }),
        '#/measurements/1/id',
      ],
      ['a later version', (given) => ({ ...given, schema_version: PROFILE_SCHEMA_VERSION + 1 }), '#/schema_version'],
      ['no version', (given) => ({ ...given, schema_version: undefined }), '#/schema_version'],
    ])('are refused with %s', async (_what, change, pointer) => {
      await estimate();
      const before = await readFile(file, 'utf8');
      const { status, body } = await take(change(await exported()));
      expect({ status, body }).toMatchObject({ status: 422, body: { type: 'not-a-profile', errors: [{ pointer }] } });
      expect(await readdir(service.profilesDirectory)).toEqual([A_MACHINE.id]);
      expect(await readFile(file, 'utf8')).toBe(before);
    });

    it('may be larger than other bodies, within a limit of their own', async () => {
      await estimate();
      const large = { ...(await exported()), notes: 'x'.repeat(2 * 1024 * 1024) };
      expect((await take(large)).status).toBe(200);
      const tooLarge = await take({ ...large, notes: 'x'.repeat(17 * 1024 * 1024) });
      expect(tooLarge).toMatchObject({ status: 413, body: { type: 'body-too-large' } });
      expect(tooLarge.body.detail).toMatch(String(16 * 1024 * 1024));
    });
  });

  describe('that are compared', () => {
    const between = (left: string, right: string) =>
      get(`${service.url}/api/v1/profiles/compare?${new URLSearchParams({ left, right }).toString()}`);

    it('tell ratios of times and memory, workload by workload', async () => {
      await estimate();
      await estimate({ batch_size: 4 });
      const theirs = exportedOf(await exported(), TWIN, 2);
      await remove(`${profile}/measurements/m2`);
      await take(theirs);
      const name = TRAINING.architecture;
      const { status, body } = await between(`${A_MACHINE.id}/${name}`, `${TWIN}/${name}`);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          workloads: [
            {
              workload: { batch_size: 8 },
              ratios: { step_seconds: 2, forward_seconds: 1, peak_rss_bytes: 1 },
              times_overlap: false,
            },
          ],
          only_left: 0,
          only_right: 1,
        },
      });
      expect((body.mean_ratios as { step_seconds: number }).step_seconds).toBeCloseTo(2, 9);
    });

    it('are compared measurement with measurement', async () => {
      await estimate();
      await estimate({ refresh: true });
      const own = `${A_MACHINE.id}/${TRAINING.architecture}`;
      const { body } = await between(`${own}/m1`, `${own}/m2`);
      expect(body.workloads).toMatchObject([
        { left: { measurement_id: 'm1' }, right: { measurement_id: 'm2' }, times_overlap: true },
      ]);
    });

    it('are refused when nothing of them is equal', async () => {
      await estimate();
      await estimate({ batch_size: 4 });
      const own = `${A_MACHINE.id}/${TRAINING.architecture}`;
      expect(await between(`${own}/m1`, `${own}/m2`)).toMatchObject({
        status: 422,
        body: { errors: [{ parameter: 'right' }] },
      });
    });

    it.each([
      ['one', 422],
      ['a/b/c/d', 422],
      ['', 422],
      ['../etc', 404],
      ['unknown/x', 404],
      [`${A_MACHINE.id}/${TRAINING.architecture}/m9`, 404],
    ])('are none under %j', async (left, status) => {
      await estimate();
      expect((await between(left, `${A_MACHINE.id}/${TRAINING.architecture}`)).status).toBe(status);
    });
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

function withMedian(given: Exported, median: unknown): unknown {
  return JSON.parse(JSON.stringify(given).replace(/"median":[^,]+/, `"median":${JSON.stringify(median)}`)) as unknown;
}

/** The profile of another machine that takes so many times as long for a step. */
function exportedOf(given: Exported, machine: string, factor = 1): Exported {
  const other = structuredClone(given);
  other.machine.id = machine;
  for (const { times } of other.measurements) {
    for (const name of ['median', 'p05', 'p95'] as const) times.step_seconds[name] *= factor;
  }
  return other;
}

/** As version 0.3 wrote it: what a measurement was made with is said of the machine alone. */
function asVersion1(given: Exported, machine: string): object {
  const measurements = given.measurements.map((one) => ({ ...one, conditions: undefined }));
  return { ...given, schema_version: 1, machine: { ...given.machine, id: machine }, measurements };
}
