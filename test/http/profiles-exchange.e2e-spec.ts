import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROFILE_SCHEMA_VERSION } from '../../src/profiles/profile.js';
import { A_MACHINE } from '../fixtures/measurements.js';
import { exportedOf, exportOf, measureAnew, TWIN, type Exported } from './support/profiles.js';
import { get, post, remove, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

const MEDIAN = '#/measurements/0/times/step_seconds/median';

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
  const exported = () => exportOf(profile);

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
        'phases that are not those of the step',
        (given) => replaced(given, /"forward_seconds":[^,]+/, '"forward_seconds":1e307'),
        '#/measurements/0/times/forward_seconds',
      ],
      [
        'phases that are longer than the step',
        (given) => replaced(given, /"forward_seconds":[^,]+/, '"forward_seconds":1'),
        '#/measurements/0/times',
      ],
      [
        'more memory than can be counted',
        (given) => replaced(given, /"baseline_rss_bytes":[^,]+/, '"baseline_rss_bytes":1e30'),
        '#/measurements/0/memory/baseline_rss_bytes',
      ],
      [
        'a batch of nothing',
        (given) => replaced(given, /"batch_size":[^,]+/, '"batch_size":0'),
        '#/measurements/0/workload/batch_size',
      ],
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
      expect((await readdir(service.profilesDirectory)).sort()).toEqual(['.jobs', A_MACHINE.id]);
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
              ratios: { step_seconds: 2, forward_seconds: 2, peak_rss_bytes: 1 },
              left: { shortened: false },
              right: { shortened: false },
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
});

function withMedian(given: Exported, median: unknown): unknown {
  return replaced(given, /"median":[^,]+/, `"median":${JSON.stringify(median)}`);
}

function replaced(given: Exported, part: RegExp, by: string): unknown {
  return JSON.parse(JSON.stringify(given).replace(part, by)) as unknown;
}
