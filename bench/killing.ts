import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJob } from '../src/jobs/job.codec.js';
import type { Job } from '../src/jobs/job.js';
import { decodeProfile } from '../src/profiles/profile.js';
import { isAlive } from './processes.js';
import { ServiceProcess } from './service-process.js';

export interface KillingOptions {
  /** Path of the compiled `main.js` of the service. */
  readonly program: string;
  /** For profiles and jobs; empty at first. */
  readonly folder: string;
  readonly kills: number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly say: (line: string) => void;
}

export interface KillingReport {
  /** What the service was doing when it was killed, and how often. */
  readonly killedWhile: ReadonlyMap<string, number>;
  /** From the start of a process to the first answer that it is ready; the longest of all starts. */
  readonly longestReadySeconds: number;
  /** Jobs that were answered with 202, none of which was lost. */
  readonly jobs: number;
  /** Those of them that ended as `measuring-interrupted`, after two interruptions. */
  readonly interruptedTwice: number;
  /** Measurements that were told of, none of which was lost. */
  readonly measurements: number;
}

/** Something that the service had acknowledged is gone, or something is left that should not be. */
export class LossError extends Error {}

/** As much of a job as is looked at. */
interface JobDocument {
  readonly id: string;
  readonly state: string;
  readonly interruptions: number;
  readonly measurement_id: string | null;
  readonly profile: string | null;
  readonly progress: { readonly phase: string } | null;
  readonly problem: { readonly type: string } | null;
}

const ARCHITECTURE = 'mobilenet_v3_small';
/** As brief as measurements can be. */
const ENVIRONMENT = { MEASURE_MAX_STEPS: '4', MEASURE_MAX_SECONDS: '1', LOG_LEVEL: 'info' };
/** Jobs that wait or run: one more than can be interrupted for good by two kills. */
const UNFINISHED = 2;
/** About as long as a measurement takes. */
const LONGEST_LIFE_MS = 2500;
/** A profile and its trace are written in less. */
const LONGEST_WRITE_MS = 20;
/** Where no profile is written by then, as after jobs that failed, it is killed all the same. */
const LONGEST_WAIT_MS = 15_000;
const POLL_MS = 20;

/**
 * Kills the service again and again, every other time while it measures and while it writes a profile, and starts it
 * again over the same folder. What it had acknowledged has to be there each time.
 *
 * @throws LossError
 */
export async function killAgainAndAgain(options: KillingOptions): Promise<KillingReport> {
  return new Killing(options).run();
}

class Killing {
  private readonly killedWhile = new Map<string, number>();
  /** Jobs that were answered with 202 and of which no end was seen; how often each was interrupted. */
  private readonly unfinished = new Map<string, number>();
  /** Where they are, by their ids. */
  private readonly measurements = new Map<string, string>();
  private longestReadySeconds = 0;
  private jobs = 0;
  private interruptedTwice = 0;
  private asked = 0;
  private service: ServiceProcess | null = null;

  constructor(private readonly options: KillingOptions) {}

  async run(): Promise<KillingReport> {
    try {
      return await this.killAll();
    } catch (error) {
      // It would outlive the bench, which would wait for it.
      await this.service?.kill();
      throw error;
    }
  }

  private async killAll(): Promise<KillingReport> {
    const { kills, say } = this.options;
    await mkdir(this.options.folder, { recursive: true });
    for (let kill = 0; kill < kills; kill++) {
      const service = await this.start();
      await this.check(service);
      const while_ = await this.killAtRandom(service, kill % 2 === 1);
      this.killedWhile.set(while_, (this.killedWhile.get(while_) ?? 0) + 1);
      await this.checkFiles();
      say(
        `kill ${kill + 1}: ${while_}; ${this.unfinished.size} jobs unfinished, ${this.measurements.size} measurements`,
      );
    }
    const service = await this.start();
    await this.check(service);
    while (this.unfinished.size > 0) {
      await sleep(POLL_MS);
      await this.follow(service);
    }
    await this.check(service);
    await service.stop();
    const halves = (await filesIn(this.options.folder)).filter((path) => path.includes('.tmp-'));
    if (halves.length > 0) throw new LossError(`What kills have left was not cleared away: ${halves.join(', ')}.`);
    const { killedWhile, longestReadySeconds, jobs, interruptedTwice, measurements } = this;
    return { killedWhile, longestReadySeconds, jobs, interruptedTwice, measurements: measurements.size };
  }

  private async start(): Promise<ServiceProcess> {
    const begun = performance.now();
    const environment = { ...ENVIRONMENT, PROFILES_DIR: this.options.folder };
    const service = await ServiceProcess.start(this.options.program, environment);
    this.service = service;
    const { status } = await fetch(`${service.url}/readyz`);
    if (status !== 200) throw new LossError(`The service is not ready: ${status}.`);
    this.longestReadySeconds = Math.max(this.longestReadySeconds, (performance.now() - begun) / 1000);
    return service;
  }

  /** @returns what it was doing, as far as is known */
  private async killAtRandom(service: ServiceProcess, writing: boolean): Promise<string> {
    const moment = writing
      ? this.beginningOfWrite().then(() => sleep(this.options.random() * LONGEST_WRITE_MS))
      : sleep(this.options.random() * LONGEST_LIFE_MS);
    let over = false;
    const activity = this.beBusy(service, () => over);
    // What it finds lost before that moment is told below.
    activity.catch(() => undefined);
    await moment;
    const children = await service.measuringProcesses();
    over = true;
    await service.kill();
    const phase = await activity;
    for (const child of children) await expectEnd(child);
    return writing ? 'writing a profile' : phase;
  }

  /** Resolves when something is created or removed among the profiles. */
  private async beginningOfWrite(): Promise<void> {
    const before = await this.namesAmongProfiles();
    const limit = performance.now() + LONGEST_WAIT_MS;
    while ((await this.namesAmongProfiles()) === before && performance.now() < limit) await sleep(1);
  }

  private async namesAmongProfiles(): Promise<string> {
    const machines = (await readdir(this.options.folder)).filter((name) => !name.startsWith('.'));
    const folders = machines.flatMap((name) => [name, join(name, 'traces')]);
    const names = await Promise.all(folders.map((name) => readdir(join(this.options.folder, name)).catch(() => [])));
    return JSON.stringify(names);
  }

  /** Asks and looks until the service is killed. @returns the last that was seen */
  private async beBusy(service: ServiceProcess, isOver: () => boolean): Promise<string> {
    let seen = 'starting';
    while (!isOver()) {
      try {
        while (this.unfinished.size < UNFINISHED) await this.ask(service);
        seen = (await this.follow(service)) ?? seen;
        await sleep(POLL_MS);
      } catch (error) {
        // Of requests in the air when it is killed nothing was acknowledged.
        if (error instanceof LossError) throw error;
      }
    }
    return seen;
  }

  /** For a measurement that nobody has asked for yet. */
  private async ask(service: ServiceProcess): Promise<void> {
    this.asked++;
    const response = await fetch(`${service.url}/api/v1/estimate-resource`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify({
        architecture: ARCHITECTURE,
        application_type: 'inference',
        batch_size: 1,
        image_size: [64, 64 + this.asked],
      }),
    });
    if (response.status !== 202) throw new LossError(`A request was answered with ${response.status}.`);
    const { jobs } = (await response.json()) as { readonly jobs: readonly JobDocument[] };
    for (const { id } of jobs) this.unfinished.set(id, 0);
    this.jobs += jobs.length;
  }

  /** Takes down what the service tells of its jobs. @returns the phase of the one that runs */
  private async follow(service: ServiceProcess): Promise<string | null> {
    const { jobs } = await read<{ readonly jobs: readonly JobDocument[] }>(service, '/api/v1/jobs');
    const byId = new Map(jobs.map((job) => [job.id, job]));
    for (const [id, interruptions] of [...this.unfinished]) {
      const job = byId.get(id);
      if (job === undefined) throw new LossError(`Job ${id} is lost.`);
      if (job.interruptions < interruptions) throw new LossError(`Job ${id} has forgotten that it was interrupted.`);
      this.takeDown(job);
    }
    const running = jobs.find(({ state }) => state === 'running');
    return running === undefined ? null : `measuring: ${running.progress?.phase ?? 'starting'}`;
  }

  private takeDown({ id, state, interruptions, measurement_id, profile, problem }: JobDocument): void {
    switch (state) {
      case 'queued':
      case 'running':
        this.unfinished.set(id, interruptions);
        return;
      case 'succeeded':
        if (measurement_id === null || profile === null) throw new LossError(`The measurement of job ${id} is lost.`);
        this.measurements.set(measurement_id, profile);
        break;
      default:
        if (problem?.type !== 'measuring-interrupted' || interruptions !== 2) {
          throw new LossError(`Job ${id} has ${state}: ${JSON.stringify(problem)}, interruptions ${interruptions}.`);
        }
        this.interruptedTwice++;
    }
    this.unfinished.delete(id);
  }

  /** All that was acknowledged so far is there, with its trace. */
  private async check(service: ServiceProcess): Promise<void> {
    await this.follow(service);
    const { unreadable } = await read<{ readonly unreadable: readonly unknown[] }>(service, '/api/v1/profiles');
    if (unreadable.length > 0) throw new LossError(`Profiles cannot be read: ${JSON.stringify(unreadable)}.`);
    for (const profile of new Set(this.measurements.values())) {
      const { measurements } = await read<{ readonly measurements: readonly { readonly id: string }[] }>(
        service,
        profile,
      );
      const kept = new Set(measurements.map(({ id }) => id));
      for (const [id, where] of this.measurements) {
        if (where === profile && !kept.has(id)) throw new LossError(`Measurement ${id} is lost.`);
      }
    }
    const last = [...this.measurements].at(-1);
    if (last !== undefined) await read(service, `${last[1]}/measurements/${last[0]}/trace`);
  }

  /** As the kill has left them: each is whole, and the job that ran is counted as interrupted from here on. */
  private async checkFiles(): Promise<void> {
    for (const path of (await filesIn(this.options.folder)).filter((one) => one.endsWith('.json'))) {
      const content = await readFile(path, 'utf8');
      try {
        if (path.includes('.jobs')) this.expectInterruption(readJob(content));
        else if (path.includes('traces')) JSON.parse(content);
        else decodeProfile(JSON.parse(content), 'profile');
      } catch (error) {
        throw new LossError(`${path} cannot be read: ${String(error)}`, { cause: error });
      }
    }
  }

  private expectInterruption({ id, state, interruptions }: Job): void {
    if (state === 'running' && this.unfinished.has(id)) this.unfinished.set(id, interruptions + 1);
  }
}

async function read<T>(service: ServiceProcess, path: string): Promise<T> {
  const response = await fetch(service.url + path);
  if (response.status !== 200) throw new LossError(`${path} was answered with ${response.status}.`);
  return (await response.json()) as T;
}

/** It has to be ended soon by what watches over it. */
async function expectEnd(pid: number): Promise<void> {
  for (let waited = 0; await isAlive(pid); waited += POLL_MS) {
    if (waited > LONGEST_WAIT_MS) throw new LossError(`The measuring process ${pid} has outlived its service.`);
    await sleep(POLL_MS);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
