import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PointsFile } from '../../../bench/accuracy/points-file.js';
import type { MeasuredPoint } from '../../../bench/accuracy/measured-point.js';
import { A_MACHINE } from '../../fixtures/measurements.js';
import { measuredPoint } from '../../fixtures/measured-points.js';

const LIMITS = { maxSteps: 40, maxSeconds: 6 };
const [first, second, third] = [1, 2, 3].map((batchSize) => measuredPoint(`of ${batchSize}`, { batchSize })) as [
  MeasuredPoint,
  MeasuredPoint,
  MeasuredPoint,
];
const GRID = [first, second, third].map(({ observation }) => observation.workload);
const [FIRST, SECOND, THIRD] = GRID;

describe('PointsFile', () => {
  let folder: string;
  let path: string;
  const open = (machine = A_MACHINE, limits = LIMITS): PointsFile => new PointsFile(path, machine, limits, true);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'points-'));
    path = join(folder, 'points.json');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('goes on where it was left, also after what failed', async () => {
    const file = open();
    expect(file.nextOf(GRID)).toBe(FIRST);
    await file.add(first);
    await file.addFailure({ workload: SECOND ?? first.observation.workload, failure: 'it did not fit' });
    const again = open();
    expect(again.nextOf(GRID)).toEqual(THIRD);
    expect(again.measuredOf(GRID)).toEqual([first]);
    expect(again.failuresOf(GRID)).toEqual([{ workload: SECOND, failure: 'it did not fit' }]);
    await again.add(third);
    expect(again.nextOf(GRID)).toBeNull();
  });

  it('does not measure again and again what was disturbed first and failed then', async () => {
    const file = open();
    await file.add({ ...first, otherLoadPercent: 50 });
    expect(file.nextOf([first.observation.workload])).toEqual(FIRST);
    await file.addFailure({ workload: first.observation.workload, failure: 'it was killed' });
    expect(file.nextOf([first.observation.workload])).toBeNull();
  });

  it('keeps nothing of before unless it is to', async () => {
    await open().add(first);
    expect(new PointsFile(path, A_MACHINE, LIMITS, false).nextOf(GRID)).toEqual(FIRST);
  });

  it('tells of the workloads of a grid alone', async () => {
    const file = open();
    await file.add(first);
    expect(file.measuredOf(GRID.slice(1))).toEqual([]);
  });

  it.each([
    ['other load', { otherLoadPercent: 5.1 }],
    ['stolen time', { stolenPercent: 5.1 }],
    ['something during the trace', { tracedToUntraced: 1.21 }],
    ['something before the trace', { tracedToUntraced: 0.79 }],
  ])('measures again what %s disturbed, when nothing else is missing', async (_cause, disturbance) => {
    const file = open();
    await file.add({ ...first, ...disturbance });
    expect(file.nextOf(GRID)).toEqual(SECOND);
    await file.add(second);
    await file.add(third);
    expect(file.nextOf(GRID)).toEqual(FIRST);
    await file.add({ ...first, attempts: 1 });
    expect(file.nextOf(GRID)).toBeNull();
    expect(file.measuredOf(GRID)[0]).toEqual({ ...first, attempts: 2 });
  });

  it('keeps the measurement that was disturbed least, and gives up after three', async () => {
    const file = open();
    for (const otherLoadPercent of [20, 8, 30]) {
      expect(file.nextOf([first.observation.workload])).not.toBeNull();
      await file.add({ ...first, otherLoadPercent });
    }
    expect(file.nextOf([first.observation.workload])).toBeNull();
    expect(file.measuredOf(GRID)).toEqual([{ ...first, otherLoadPercent: 8, attempts: 3 }]);
  });

  it.each([
    ['another machine', { ...A_MACHINE, id: 'ffffffffffff' }, LIMITS, /machine 3f9a1c0b7e52 made them/],
    ['another version', { ...A_MACHINE, engineVersion: '0.0.2' }, LIMITS, /version was 0.0.1, and is 0.0.2/],
    ['other limits', A_MACHINE, { ...LIMITS, maxSteps: 9 }, /within 40 steps and 6 s, not 9 steps and 6 s/],
  ])('refuses measurements of %s', async (_difference, machine, limits, reason) => {
    await open().add(first);
    expect(() => open(machine, limits)).toThrow(reason);
  });

  it('is a file that can be looked into, a line for each measurement', async () => {
    const file = open();
    await file.add(first);
    await file.add(second);
    const text = await readFile(path, 'utf8');
    expect(text.split('\n').filter((line) => line.includes('"observation"'))).toHaveLength(2);
  });
});
