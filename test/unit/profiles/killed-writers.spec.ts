import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { chooseSeed, seededRandom } from '../../../bench/seeded-random.js';
import { decodeProfile } from '../../../src/profiles/profile.js';
import { A_MACHINE, A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';

const CHILDREN = join(__dirname, '../../fixtures/children');
const KILLS = 100;
/** At the same time on the same file. */
const WRITERS = 2;
/** One measurement is written in a few milliseconds. */
const LONGEST_LIFE_MS = 50;
/** Rounds that write into one file: each measurement lets it grow. */
const ROUNDS_OF_A_FILE = 5;
const WRITES_OF_EACH = 8;

interface Writer {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  readonly firstKept: Promise<void>;
  /** What it said is kept. */
  readonly acknowledged: string[];
  readonly closed: Promise<unknown>;
}

describe('processes that are killed while they write profiles', () => {
  let folder: string;
  let given: string;
  const started: ChildProcess[] = [];
  const seed = chooseSeed();
  const random = seededRandom(seed);

  // To be repeated with `SEED`.
  beforeAll(() => void process.stdout.write(`seed ${String(seed)}\n`));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'killed-'));
    given = join(folder, 'given');
    await mkdir(given);
  });

  afterEach(async () => {
    for (const child of started) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  async function start(name: string, architecture: string): Promise<Writer> {
    const measurement = aMeasurement(A_TRAINING);
    const file = join(given, `${name}.json`);
    const workload = { ...measurement.workload, architecture };
    await writeFile(file, JSON.stringify({ machine: A_MACHINE, measurement: { ...measurement, workload } }));
    const child = spawn(
      process.execPath,
      [
        '--require',
        join(CHILDREN, 'typescript-hook.js'),
        join(CHILDREN, 'write-profiles.ts'),
        join(folder, 'profiles'),
        file,
        name,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, COMPILED_FOLDER: join(folder, 'compiled') } },
    );
    const acknowledged: string[] = [];
    started.push(child);
    let keptOne = (): void => undefined;
    const firstKept = new Promise<void>((resolve) => (keptOne = resolve));
    const ready = new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error('It ended before it was ready.')));
      createInterface(child.stdout).on('line', (line) => {
        if (line === 'ready') {
          resolve();
          return;
        }
        acknowledged.push(line);
        keptOne();
      });
    });
    return { process: child, ready, firstKept, acknowledged, closed: once(child, 'close') };
  }

  async function run(writers: readonly Writer[]): Promise<void> {
    await Promise.all(writers.map(({ ready }) => ready));
    for (const writer of writers) writer.process.stdin?.write('go\n');
    await Promise.all(
      writers.map(async (writer, index) => {
        // One is killed whenever it comes, before its first write too; the other has kept something by then.
        if (index > 0) await writer.firstKept;
        await sleep(random() * LONGEST_LIFE_MS);
        writer.process.kill('SIGKILL');
        await writer.closed;
      }),
    );
  }

  it('leave no file unreadable, and lose nothing that they said is kept', async () => {
    const rounds = KILLS / WRITERS;
    const acknowledged = new Map<string, string[]>();
    const begin = (round: number): Promise<Writer[]> =>
      Promise.all(
        Array.from({ length: WRITERS }, (_, index) => start(`w${String(index)}r${String(round)}`, fileOf(round))),
      );
    let next = begin(0);
    for (let round = 0; round < rounds; round++) {
      const writers = await next;
      // Those of the next round start meanwhile: most of a process's life goes into that.
      next = round + 1 < rounds ? begin(round + 1) : Promise.resolve([]);
      await run(writers);
      const all = [...(acknowledged.get(fileOf(round)) ?? []), ...writers.flatMap((one) => one.acknowledged)];
      acknowledged.set(fileOf(round), all);
      expect(await idsIn(join(folder, 'profiles'), fileOf(round))).toEqual(expect.arrayContaining(all));
    }
    const kept = [...acknowledged.values()].flat();
    expect(kept.length).toBeGreaterThanOrEqual(rounds);
    expect(new Set(kept).size).toBe(kept.length);
    const names = await readdir(join(folder, 'profiles', A_MACHINE.id));
    expect(names.filter((name) => name.includes('unreadable'))).toEqual([]);
  }, 120_000);

  it('lose nothing of each other while both write the same file', async () => {
    const writers = await Promise.all(['w0', 'w1', 'w2'].map((name) => start(name, 'shared')));
    await Promise.all(writers.map(({ ready }) => ready));
    for (const writer of writers) writer.process.stdin?.write('go\n');
    while (writers.some(({ acknowledged }) => acknowledged.length < WRITES_OF_EACH)) await sleep(5);
    for (const writer of writers) writer.process.kill('SIGKILL');
    await Promise.all(writers.map(({ closed }) => closed));
    const all = writers.flatMap(({ acknowledged }) => acknowledged);
    expect(await idsIn(join(folder, 'profiles'), 'shared')).toEqual(expect.arrayContaining(all));
  }, 120_000);
});

function fileOf(round: number): string {
  return `file-${String(Math.floor(round / ROUNDS_OF_A_FILE))}`;
}

/** Of a file that is there; before the first write there is none. */
async function idsIn(profiles: string, architecture: string): Promise<string[]> {
  const path = join(profiles, A_MACHINE.id, `${architecture}.json`);
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? [] : decodeProfile(JSON.parse(text), 'profile').measurements.map(({ id }) => id);
}
