/**
 * How many estimates a second the service answers from one process, and how long one takes that it has never been asked for.
 * Run it with `npm run bench:http -- --help`.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { distributionOf } from '../src/profiling/child/distribution.js';
import { Client, load, type LoadResult, type Post } from './http-load.js';
import { measuredWorkloads, measuringPosts, neighboursOf, postOf, unseenWorkloads } from './http-requests.js';
import { runMain } from './run-main.js';
import { ServiceProcess } from './service-process.js';
import { wholeNumber } from './step-options.js';

const USAGE = `npm run bench:http -- [options]

  --profiles DIR    measurements that the service has, of which a copy is used; default a few that it makes first
  --connections N   default 10
  --seconds N       of each load; default 10
  --unseen N        workloads that were never asked for; default 400
  --seed N          of their drawing; default 1

Exits with 1 when an aim is missed, with 2 when it was asked for wrongly or could not be run.`;

const PROGRAM = resolve('dist/main.js');
const RATE_AIM = 2000;
const COLD_AIM_MS = 20;

interface HttpOptions {
  readonly profiles: string | null;
  readonly connections: number;
  readonly seconds: number;
  readonly unseen: number;
  readonly seed: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      profiles: { type: 'string' },
      connections: { type: 'string', default: '10' },
      seconds: { type: 'string', default: '10' },
      unseen: { type: 'string', default: '400' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const options: HttpOptions = {
    profiles: values.profiles ?? null,
    connections: wholeNumber('connections', values.connections),
    seconds: wholeNumber('seconds', values.seconds),
    unseen: wholeNumber('unseen', values.unseen),
    seed: wholeNumber('seed', values.seed),
  };
  const folder = await mkdtemp(join(tmpdir(), 'http-bench-'));
  try {
    return await benchOver(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchOver(folder: string, options: HttpOptions): Promise<number> {
  const profiles = join(folder, 'profiles');
  if (options.profiles !== null) await cp(options.profiles, profiles, { recursive: true });
  const environment = { PROFILES_DIR: profiles, LOG_LEVEL: 'info' };
  if (options.profiles === null) {
    const measuring = await ServiceProcess.start(PROGRAM, environment);
    await answersTo(measuring.url, measuringPosts()).finally(() => measuring.stop());
  }
  // Another process, that has not built the graph of anything.
  const service = await ServiceProcess.start(PROGRAM, environment);
  try {
    return await benchService(service.url, folder, options);
  } finally {
    await service.stop();
  }
}

async function benchService(url: string, folder: string, options: HttpOptions): Promise<number> {
  const { connections, seconds, unseen, seed } = options;
  const measured = await measuredWorkloads(url);
  const cold = unseenWorkloads(measured, unseen, seed).map((workload) => postOf(workload, 'predicted'));
  const { median, p95, p99, longest } = latencies(await answersTo(url, cold, 'predicted'));
  console.log(
    `${cold.length} workloads that were never asked for, one after the other: median ${median.toFixed(1)} ms, ` +
      `p95 ${p95.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(1)} ms; ` +
      `aim, a p99 below ${COLD_AIM_MS} ms: ${told(p99 < COLD_AIM_MS)}`,
  );
  const met = [p99 < COLD_AIM_MS];
  const loads = [
    { what: 'measured', posts: measured.map((workload) => postOf(workload, 'measured')) },
    { what: 'predicted', posts: neighboursOf(measured).map((workload) => postOf(workload, 'predicted')) },
  ];
  for (const { what, posts } of loads) {
    await answersTo(url, posts, what);
    const result = await load({ url, posts, connections, seconds, folder });
    met.push(result.requestsPerSecond >= RATE_AIM);
    console.log(`${posts.length} estimates that are ${what}, again and again: ${describe(result, connections)}`);
  }
  return met.every(Boolean) ? 0 : 1;
}

/** One after the other. @throws Error where one is refused, or is not found in the way that is looked at */
async function answersTo(url: string, posts: readonly Post[], kind?: string): Promise<readonly number[]> {
  const client = new Client(url);
  const milliseconds: number[] = [];
  try {
    for (const post of posts) {
      const answer = await client.post(post);
      const wrong =
        kind === 'measured' ? answer.body.kind !== kind : kind !== undefined && answer.body.kind === 'measured';
      if (answer.status !== 200 || wrong) {
        throw new Error(
          `${JSON.stringify(post.body)} was answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`,
        );
      }
      milliseconds.push(answer.milliseconds);
    }
  } finally {
    client.close();
  }
  return milliseconds;
}

function latencies(milliseconds: readonly number[]): Readonly<Record<'median' | 'p95' | 'p99' | 'longest', number>> {
  const { median, p95 } = distributionOf(milliseconds);
  const sorted = [...milliseconds].sort((one, other) => one - other);
  // As many as 99 of 100 take no longer than that.
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? NaN;
  return { median, p95, p99, longest: sorted.at(-1) ?? NaN };
}

function describe({ requestsPerSecond, p50, p99 }: LoadResult, connections: number): string {
  const met = requestsPerSecond >= RATE_AIM;
  return `${requestsPerSecond.toFixed(0)} a second over ${connections} connections, p50 ${p50} ms, p99 ${p99} ms; aim, ${RATE_AIM} a second: ${told(met)}`;
}

function told(met: boolean): string {
  return met ? 'met' : 'MISSED';
}

runMain(main, USAGE);
