import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { LedgerFilesRepository } from '../../../src/accuracy/ledger-files.repository.js';
import { LedgerService } from '../../../src/accuracy/ledger.service.js';
import type { Settings } from '../../../src/config/settings.js';
import type { HardwareService } from '../../../src/hardware/hardware.service.js';
import { thisHardware } from '../../fixtures/hardware.js';
import { JobFilesRepository } from '../../../src/jobs/job-files.repository.js';
import { FINISHED_JOBS_KEPT, JobQueue, type SubmittedJob } from '../../../src/jobs/job-queue.service.js';
import { readJob } from '../../../src/jobs/job.codec.js';
import type { Job } from '../../../src/jobs/job.js';
import type { JobsRepository } from '../../../src/jobs/jobs.repository.js';
import { MeasurementMaker, type MadeMeasurement } from '../../../src/jobs/measurement-maker.service.js';
import type { TimingLimits } from '../../../src/profiles/measurement.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { MeasuringCancelledError, UntrainableWorkloadError } from '../../../src/profiling/measuring.errors.js';
import { MeasuringService, type MeasureOptions } from '../../../src/profiling/measuring.service.js';
import { OWN_IDENTITY } from '../../../src/profiles/process-identity.js';
import { ProfileFilesRepository } from '../../../src/profiles/profile-files.repository.js';
import { FakePredictions } from '../../http/support/fake-predictions.js';
import { until } from '../../http/support/gate.js';
import { childProgram } from '../../fixtures/children/program.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';
import { settingsOf } from '../../fixtures/settings.js';

/** A measurement under way, that ends when a test says so. */
interface Turn {
  readonly workload: Workload;
  readonly limits: TimingLimits | null;
  readonly options: MeasureOptions;
  readonly end: (made?: MadeMeasurement) => void;
  readonly fail: (reason: Error) => void;
}

/** Takes the place of what makes measurements, and has each wait. */
class FakeMaker {
  readonly turns: Turn[] = [];

  make({ workload, limits }: Pick<Job, 'workload' | 'limits'>, options: MeasureOptions): Promise<MadeMeasurement> {
    return new Promise((resolve, fail) => {
      const made = { measurement: aMeasurement(workload), machine: A_MACHINE, kept: true };
      options.signal?.addEventListener('abort', () => fail(new MeasuringCancelledError('It was cancelled.')));
      this.turns.push({ workload, limits, options, end: (other = made) => resolve(other), fail });
    });
  }

  get batches(): number[] {
    return this.turns.map(({ workload }) => workload.batchSize);
  }
}

const batchOf = (batchSize: number): Workload => ({ ...A_TRAINING, batchSize });

describe('the queue of jobs', () => {
  let folder: string;
  let maker: FakeMaker;
  let queue: JobQueue;
  let warn: jest.SpyInstance;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'jobs-'));
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.spyOn(Logger.prototype, 'error').mockImplementation();
    await start();
  });

  afterEach(async () => {
    await queue.onModuleDestroy();
    jest.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  /** A process of the service: the one before is not asked to end, and its locks are those of one that is gone. */
  async function start(maxQueuedJobs = 32): Promise<void> {
    await removeLocks();
    maker = new FakeMaker();
    queue = new JobQueue(settingsOf(folder, { maxQueuedJobs }), repository(), maker as unknown as MeasurementMaker);
    await queue.onModuleInit();
    queue.start();
  }

  async function removeLocks(): Promise<void> {
    const names = await readdir(join(folder, '.jobs')).catch(() => []);
    const locks = names.filter((name) => name.endsWith('.lock'));
    await Promise.all(locks.map((name) => rm(join(folder, '.jobs', name), { force: true })));
  }

  function repository(): JobsRepository {
    return new JobFilesRepository(settingsOf(folder));
  }

  async function submit(workload: Workload, limits = THE_LIMITS): Promise<SubmittedJob> {
    const submitted = (await queue.submit(new Map([['one', workload]]), limits)).get('one');
    if (submitted === undefined) throw new Error('There is no job.');
    return submitted;
  }

  /** The turn that was begun as the nth, once it is. */
  async function turn(index: number): Promise<Turn> {
    for (;;) {
      const found = maker.turns[index];
      if (found !== undefined) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  const states = (): string[] => queue.list().map(({ job }) => `${job.workload.batchSize} ${job.state}`);

  /** Whoever has them. */
  async function filesOfJobs(): Promise<Job[]> {
    const names = (await readdir(join(folder, '.jobs'))).filter((name) => name.endsWith('.json'));
    const jobs = names.map(async (name) => readJob(await readFile(join(folder, '.jobs', name), 'utf8')));
    return (await Promise.all(jobs)).sort((left, right) => left.sequence - right.sequence);
  }

  const onDisk = async (): Promise<string[]> =>
    (await filesOfJobs()).map((job) => `${job.workload.batchSize} ${job.state}`);

  it('gives turns one at a time, in the order in which they were asked for', async () => {
    const jobs = await Promise.all([1, 2, 3].map((batch) => submit(batchOf(batch))));
    await turn(0);
    expect(states()).toEqual(['1 running', '2 queued', '3 queued']);
    expect(queue.list().map((tracked) => queue.positionOf(tracked))).toEqual([null, 0, 1]);
    expect(maker.batches).toEqual([1]);
    (await turn(0)).end();
    (await turn(1)).end();
    expect(maker.batches).toEqual([1, 2]);
    (await turn(2)).end();
    const made = await Promise.all(jobs.map((job) => job.made));
    expect(made.map(({ measurement }) => measurement.workload.batchSize)).toEqual([1, 2, 3]);
    expect(states()).toEqual(['1 succeeded', '2 succeeded', '3 succeeded']);
  });

  it('shares no job between different limits, and has each measured within its own', async () => {
    const tight = { maxSteps: 10, maxSeconds: 2 };
    const usual = await submit(batchOf(1));
    const quick = await submit(batchOf(1), tight);
    expect(quick.tracked).not.toBe(usual.tracked);
    expect((await submit(batchOf(1), { ...tight })).tracked).toBe(quick.tracked);
    (await turn(0)).end();
    (await turn(1)).end();
    expect(maker.turns.map(({ limits }) => limits)).toEqual([THE_LIMITS, tight]);
    await Promise.all([usual.made, quick.made]);
  });

  it('shares a job between equal workloads while it is not over', async () => {
    const first = await submit(batchOf(1));
    const second = await submit(batchOf(1));
    expect(second.tracked).toBe(first.tracked);
    (await turn(0)).end();
    expect(await second.made).toBe(await first.made);
    const third = await submit(batchOf(1));
    expect(third.tracked).not.toBe(first.tracked);
  });

  it('tells all who wait why there is no measurement, and goes on', async () => {
    const jobs = await Promise.all([1, 1, 2].map((batch) => submit(batchOf(batch))));
    (await turn(0)).fail(new UntrainableWorkloadError('Live batch norms need 2 images.'));
    for (const { made } of jobs.slice(0, 2)) {
      await expect(made).rejects.toMatchObject({ type: 'untrainable', status: 422 });
    }
    expect(queue.list()[0]?.job).toMatchObject({ state: 'failed', problem: { type: 'untrainable', status: 422 } });
    (await turn(1)).end();
    expect((await jobs[2]?.made)?.measurement.workload.batchSize).toBe(2);
  });

  it('tells nothing of the inside of a fault that nobody foresaw', async () => {
    const { made, tracked } = await submit(batchOf(1));
    (await turn(0)).fail(new Error('password in /etc/secret'));
    await expect(made).rejects.toMatchObject({ type: 'internal-error' });
    expect(JSON.stringify(tracked.job)).not.toMatch('secret');
  });

  describe('with room for two', () => {
    beforeEach(() => start(2));

    it('refuses a third that would wait, and says when to come again', async () => {
      for (const batch of [1, 2, 3]) await submit(batchOf(batch));
      const refused = submit(batchOf(4));
      await expect(refused).rejects.toMatchObject({
        type: 'queue-full',
        status: 503,
        options: { headers: { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) as unknown } },
      });
      expect(states()).toEqual(['1 running', '2 queued', '3 queued']);
      expect((await submit(batchOf(3))).tracked.job.workload.batchSize).toBe(3);
    });

    it('takes all of several workloads or none', async () => {
      await submit(batchOf(1));
      await submit(batchOf(2));
      const both = (...batches: number[]) =>
        queue.submit(new Map(batches.map((batch) => [batch, batchOf(batch)])), THE_LIMITS);
      await expect(both(3, 4)).rejects.toMatchObject({ type: 'queue-full' });
      expect(states()).toEqual(['1 running', '2 queued']);
      expect((await both(2, 3)).size).toBe(2);
    });

    it('has room again when one has had its turn', async () => {
      for (const batch of [1, 2, 3]) await submit(batchOf(batch));
      (await turn(0)).end();
      await turn(1);
      await submit(batchOf(4));
      expect(states()).toEqual(['1 succeeded', '2 running', '3 queued', '4 queued']);
    });
  });

  describe('when a job is cancelled', () => {
    it('takes it out while it waits', async () => {
      const jobs = await Promise.all([1, 2, 3].map((batch) => submit(batchOf(batch))));
      const second = jobs[1];
      if (second === undefined) throw new Error('There is no job.');
      await queue.cancel(second.tracked);
      await expect(second.made).rejects.toMatchObject({ type: 'measuring-cancelled', status: 503 });
      (await turn(0)).end();
      await turn(1);
      expect(maker.batches).toEqual([1, 3]);
      expect(await onDisk()).toContain('2 cancelled');
    });

    it('ends it while it runs, and begins the next one', async () => {
      const first = await submit(batchOf(1));
      await submit(batchOf(2));
      const { options } = await turn(0);
      await queue.cancel(first.tracked);
      expect(options.signal?.aborted).toBe(true);
      await expect(first.made).rejects.toMatchObject({ type: 'measuring-cancelled' });
      await turn(1);
      expect(states()).toEqual(['1 cancelled', '2 running']);
    });

    it('does not take a result that comes nevertheless for its own', async () => {
      const { tracked } = await submit(batchOf(1));
      const { end } = await turn(0);
      end();
      await queue.cancel(tracked);
      await submit(batchOf(2));
      await turn(1);
      expect(tracked.job).toMatchObject({ state: 'cancelled', result: null });
    });

    it('makes a new one for the same workload', async () => {
      const first = await submit(batchOf(1));
      await turn(0);
      await queue.cancel(first.tracked);
      const second = await submit(batchOf(1));
      (await turn(1)).end();
      expect((await second.made).kept).toBe(true);
    });
  });

  describe('over a restart', () => {
    it('keeps what is queued, and tries once more what ran when it died', async () => {
      for (const batch of [1, 2, 3]) await submit(batchOf(batch));
      await turn(0);
      expect(await onDisk()).toEqual(['1 running', '2 queued', '3 queued']);

      await start();
      await turn(0);
      expect(states()).toEqual(['1 running', '2 queued', '3 queued']);
      expect(queue.list()[0]?.job.interruptions).toBe(1);
      (await turn(0)).end();
      await turn(1);
      expect(maker.batches).toEqual([1, 2]);
    });

    it('begins nothing, and leaves the files alone, until the service listens', async () => {
      await submit(batchOf(1));
      await submit(batchOf(2));
      await turn(0);
      const other = new FakeMaker();
      await removeLocks();
      const unheard = new JobQueue(settingsOf(folder), repository(), other as unknown as MeasurementMaker);
      await unheard.onModuleInit();
      await unheard.onModuleDestroy();
      expect(other.turns).toEqual([]);
      expect((await filesOfJobs()).map(({ state, interruptions }) => [state, interruptions])).toEqual([
        ['running', 0],
        ['queued', 0],
      ]);
    });

    it('leaves the files so when it is told to end', async () => {
      const jobs = await Promise.all([1, 2].map((batch) => submit(batchOf(batch))));
      await turn(0);
      await queue.onModuleDestroy();
      for (const { made } of jobs) await expect(made).rejects.toMatchObject({ type: 'measuring-cancelled' });
      expect(await onDisk()).toEqual(['1 running', '2 queued']);
      expect(maker.batches).toEqual([1]);
      await expect(submit(batchOf(3))).rejects.toMatchObject({ type: 'measuring-cancelled' });
    });

    it('does not try a third time', async () => {
      await submit(batchOf(1));
      await submit(batchOf(2));
      await turn(0);
      await start();
      await turn(0);
      await start();
      await turn(0);
      expect(maker.batches).toEqual([2]);
      expect(queue.list()[0]?.job).toMatchObject({ state: 'failed', problem: { type: 'measuring-interrupted' } });
    });

    it('shares what it took in again', async () => {
      await submit(batchOf(1));
      await start();
      const { tracked, made } = await submit(batchOf(1));
      expect(queue.list()).toEqual([tracked]);
      (await turn(0)).end();
      expect((await made).measurement.workload.batchSize).toBe(1);
    });

    it('clears away what a process that was killed was writing, and not what another is', async () => {
      await submit(batchOf(1));
      const others = `11111111-1111-4111-8111-111111111111.json.tmp-0b0b0b0b-1-0a0a0a0a-1`;
      const gone = `11111111-1111-4111-8111-111111111111.json.tmp-${OWN_IDENTITY.where}-${String(process.pid)}-0a0a0a0a-1`;
      for (const name of [others, gone]) await writeFile(join(folder, '.jobs', name), 'half');
      await start();
      const names = await readdir(join(folder, '.jobs'));
      expect(names.filter((name) => name.includes('.tmp-0') || name.includes('-0a0a0a0a-'))).toEqual([others]);
    });

    it('still tells of jobs that were over', async () => {
      const { made, tracked } = await submit(batchOf(1));
      (await turn(0)).end();
      await made;
      await queue.onModuleDestroy();
      await start();
      expect(queue.find(tracked.job.id)?.job).toEqual(tracked.job);
      expect(maker.turns).toEqual([]);
    });

    it.each([
      ['is cut off', (text: string) => text.slice(0, text.length / 2)],
      ['is empty', () => ''],
      ['is of another version', (text: string) => text.replace('"schema_version": 1', '"schema_version": 2')],
      ['has a state that there is not', (text: string) => text.replace('"queued"', '"sleeping"')],
      ['is another job', (text: string) => text.replace(/"id": "[^"]{8}/, '"id": "00000000')],
    ])('sets a file aside that %s, and goes on with the others', async (_what, damage) => {
      const jobs = await Promise.all([1, 2, 3].map((batch) => submit(batchOf(batch))));
      const path = join(folder, '.jobs', `${String(jobs[1]?.tracked.job.id)}.json`);
      const damaged = damage(await readFile(path, 'utf8'));
      await writeFile(path, damaged);

      await start();
      await turn(0);
      expect(states()).toEqual(['1 running', '3 queued']);
      expect(JSON.stringify(warn.mock.calls)).toMatch('not a job that can be read');
      const aside = (await readdir(join(folder, '.jobs'))).find((name) => name.includes('.json.unreadable-'));
      expect(await readFile(join(folder, '.jobs', String(aside)), 'utf8')).toBe(damaged);
    });
  });

  it('forgets the oldest of those that are over', async () => {
    const { tracked, made } = await submit(batchOf(1));
    (await turn(0)).end();
    await made;
    const more = Array.from({ length: FINISHED_JOBS_KEPT }, (_, index) => ({
      ...tracked.job,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      sequence: index + 1,
      endedAt: new Date(Date.parse(String(tracked.job.endedAt)) + 1000 + index).toISOString(),
    }));
    await Promise.all(more.map((job) => repository().save(job)));
    await start();
    await queue.onModuleDestroy();
    expect(queue.list()).toHaveLength(FINISHED_JOBS_KEPT);
    expect(queue.find(tracked.job.id)).toBeNull();
    expect(await onDisk()).toHaveLength(FINISHED_JOBS_KEPT);
  });

  describe('where jobs cannot be written', () => {
    let blocked: string;

    beforeEach(async () => {
      blocked = join(folder, '.jobs');
      await writeFile(blocked, 'in the way');
    });

    it('goes on measuring for who waits, and says in the log what to do', async () => {
      const { made } = await submit(batchOf(1));
      (await turn(0)).end();
      expect((await made).kept).toBe(true);
      expect(JSON.stringify(warn.mock.calls)).toMatch(
        /A job could not be written: .*choose another one by PROFILES_DIR/,
      );
    });

    it('takes none in of which somebody is told that they survive', async () => {
      const refused = queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS, true);
      await expect(refused).rejects.toMatchObject({
        type: 'storage-failed',
        detail: expect.stringMatching(/was not taken in.*PROFILES_DIR/) as unknown,
      });
      expect(states()).toEqual(['1 cancelled']);
      await rm(blocked);
      await queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS, true);
      expect(await onDisk()).toContain('1 running');
    });

    it('leaves alone what somebody else waits for', async () => {
      const { made } = await submit(batchOf(1));
      await expect(queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS, true)).rejects.toMatchObject({
        type: 'storage-failed',
      });
      (await turn(0)).end();
      expect((await made).kept).toBe(true);
    });

    it('tells of a job that could not be written at first, once it can', async () => {
      const { tracked } = await submit(batchOf(1));
      await rm(blocked);
      const again = await queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS, true);
      expect(again.get('one')?.tracked).toBe(tracked);
      expect(await onDisk()).toEqual(['1 running']);
    });

    it('goes on with what somebody has begun to wait for meanwhile', async () => {
      const refused = queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS, true);
      const waiting = submit(batchOf(1));
      await expect(refused).rejects.toMatchObject({ type: 'storage-failed' });
      (await turn(0)).end();
      expect((await (await waiting).made).kept).toBe(true);
    });

    it('says of a job that it is cancelled but may come again, until that is written', async () => {
      const { tracked } = await submit(batchOf(1));
      await expect(queue.cancel(tracked)).rejects.toMatchObject({
        type: 'storage-failed',
        detail: expect.stringMatching('is cancelled, but') as unknown,
      });
      expect(states()).toEqual(['1 cancelled']);
      await rm(blocked);
      await queue.cancel(tracked);
      expect(await onDisk()).toEqual(['1 cancelled']);
    });
  });

  describe('beside another service over the same folder', () => {
    const others: JobQueue[] = [];

    afterEach(() => Promise.all(others.splice(0).map((other) => other.onModuleDestroy())));

    function another(): { other: JobQueue; turns: readonly Turn[] } {
      const itsMaker = new FakeMaker();
      const other = new JobQueue(settingsOf(folder), repository(), itsMaker as unknown as MeasurementMaker);
      others.push(other);
      return { other, turns: itsMaker.turns };
    }

    async function begin(other: JobQueue): Promise<void> {
      await other.onModuleInit();
      other.start();
    }

    it('leaves its jobs to it, as long as it lives', async () => {
      for (const batch of [1, 2]) await submit(batchOf(batch));
      await turn(0);
      const { other, turns } = another();
      await begin(other);
      await other.takeInLeft();
      expect({ turns, listed: other.list() }).toEqual({ turns: [], listed: [] });
      expect(await onDisk()).toEqual(['1 running', '2 queued']);
    });

    it('takes them up when it has ended, and counts that as an interruption', async () => {
      for (const batch of [1, 2]) await submit(batchOf(batch));
      await turn(0);
      const { other, turns } = another();
      await begin(other);
      await queue.onModuleDestroy();
      await other.takeInLeft();
      expect(other.list().map(({ job }) => [job.state, job.workload.batchSize, job.interruptions])).toEqual([
        ['running', 1, 1],
        ['queued', 2, 0],
      ]);
      await until(() => turns.length === 1);
    });

    it('shares what a third one has left, and none is measured twice', async () => {
      const batches = [1, 2, 3, 4, 5, 6];
      for (const batch of batches) await submit(batchOf(batch));
      await queue.onModuleDestroy();
      const both = [another(), another()];
      await Promise.all(both.map(({ other }) => begin(other)));
      const taken = both.flatMap(({ other }) => other.list().map(({ job }) => job.workload.batchSize));
      expect(taken.sort()).toEqual(batches);
    });

    it('leaves a job to it that it has taken over, as after this one was suspended', async () => {
      await submit(batchOf(1));
      const { made, tracked } = await submit(batchOf(2));
      const file = join(folder, '.jobs', `${tracked.job.id}.json`);
      await writeFile(`${file}.lock`, 'of another one');
      (await turn(0)).end();
      await expect(made).rejects.toMatchObject({ type: 'measuring-cancelled', status: 503 });
      expect(maker.batches).toEqual([1]);
      expect(queue.find(tracked.job.id)).toBeNull();
      expect(readJob(await readFile(file, 'utf8')).state).toBe('queued');
      expect(await readFile(`${file}.lock`, 'utf8')).toBe('of another one');
    });

    it('answers who waits for its own job, also when the other has left one of the same workload', async () => {
      const { other, turns } = another();
      await begin(other);
      const own = (await other.submit(new Map([['one', batchOf(1)]]), THE_LIMITS)).get('one');
      await until(() => turns.length === 1);
      await submit(batchOf(1));
      await queue.onModuleDestroy();
      await other.takeInLeft();
      expect(other.list().map(({ job }) => job.state)).toEqual(['running', 'queued']);
      turns[0]?.end();
      expect((await own?.made)?.kept).toBe(true);
      await until(() => turns.length === 2);
    });

    it('sees what it has brought to an end', async () => {
      const { other } = another();
      await begin(other);
      const { made, tracked } = await submit(batchOf(1));
      (await turn(0)).end();
      await made;
      await queue.onModuleDestroy();
      await other.takeInLeft();
      expect(other.find(tracked.job.id)?.job.state).toBe('succeeded');
    });
  });
});

describe('the queue with real measuring processes', () => {
  let folder: string;
  let measuring: MeasuringService;
  let queue: JobQueue;

  afterEach(async () => {
    await queue.onModuleDestroy();
    await measuring.onModuleDestroy();
    jest.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  async function start(child: string): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), 'jobs-'));
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.spyOn(Logger.prototype, 'log').mockImplementation();
    const hardware = thisHardware();
    jest.spyOn(hardware, 'machine').mockResolvedValue(A_MACHINE);
    measuring = new MeasuringService(DEFAULT_MEASURING_OPTIONS, childProgram(child), hardware);
    const settings = settingsOf(folder);
    const maker = makerOf(hardware, settings);
    queue = new JobQueue(settings, new JobFilesRepository(settings), maker);
  }

  function makerOf(hardware: HardwareService, settings: Settings): MeasurementMaker {
    const ledger = new LedgerService(new LedgerFilesRepository(settings));
    return new MeasurementMaker(
      hardware,
      new ProfileFilesRepository(settings),
      measuring,
      new FakePredictions(),
      ledger,
    );
  }

  it('measures one at a time, and tells how far each has come', async () => {
    await start('ok');
    const events: string[] = [];
    const jobs = await queue.submit(new Map([1, 2].map((batch) => [batch, batchOf(batch)])), THE_LIMITS);
    for (const [batch, { tracked }] of jobs) {
      tracked.changes.subscribe(() => events.push(`${batch} ${tracked.job.state} ${tracked.progress?.phase ?? ''}`));
    }
    await Promise.all([...jobs.values()].map(({ made }) => made));
    expect(events).toEqual([
      ...['1 running building', '1 running timing', '1 running tracing', '1 succeeded tracing'],
      ...['2 running ', '2 running building', '2 running timing', '2 running tracing', '2 succeeded tracing'],
    ]);
  });

  it('ends the process of a job that is cancelled before the next one begins', async () => {
    await start('stubborn');
    const jobs = [
      ...(await queue.submit(new Map([1, 2].map((batch) => [batch, batchOf(batch)])), THE_LIMITS)).values(),
    ];
    const [first, second] = jobs.map(({ tracked }) => tracked);
    if (first === undefined || second === undefined) throw new Error('There are no jobs.');
    const works = (tracked: typeof first) =>
      new Promise<void>((resolve) => tracked.changes.subscribe(() => tracked.progress !== null && resolve()));
    await works(first);
    await queue.cancel(first);
    expect([first.job.state, second.job.state]).toEqual(['cancelled', 'queued']);
    await works(second);
    expect(second.job.state).toBe('running');
  });

  it('does not measure again what the service had written just before it died', async () => {
    await start('ok');
    const submitted = await queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS);
    const { measurement } = (await submitted.get('one')?.made) ?? {};
    const [path = ''] = (await readdir(join(folder, '.jobs'))).map((name) => join(folder, '.jobs', name));
    await queue.onModuleDestroy();
    const asRunning = (await readFile(path, 'utf8')).replace('"succeeded"', '"running"');
    await writeFile(path, asRunning);

    const settings = settingsOf(folder);
    const measure = jest.spyOn(measuring, 'measure');
    const hardware = { machine: () => Promise.resolve(A_MACHINE) } as unknown as HardwareService;
    const maker = makerOf(hardware, settings);
    queue = new JobQueue(settings, new JobFilesRepository(settings), maker);
    await queue.onModuleInit();
    const again = await queue.submit(new Map([['one', batchOf(1)]]), THE_LIMITS);
    expect((await again.get('one')?.made)?.measurement.id).toBe(measurement?.id);
    expect(measure).not.toHaveBeenCalled();
  });
});
