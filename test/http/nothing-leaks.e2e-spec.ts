import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from '../../bench/service-process.js';
import { startBuiltService } from './support/built-service.js';
import { get, post, type Reply } from './support/requests.js';

const SMALL = {
  architecture: 'mobilenet_v3_small',
  application_type: 'training',
  batch_size: 2,
  image_size: [64, 64],
  threading: true,
};
/** Takes several times the memory, and is asked for in all that can be said of a measurement. */
const LARGE = {
  architecture: 'resnet50',
  application_type: 'training',
  batch_size: 4,
  image_size: [96, 96],
  threading: true,
  threads: 1,
  measure_max_steps: 4,
  parameters: 1,
};
/** Runs alone are within 2 % of each other. */
const SAME_MEMORY = 0.03;

interface Measured {
  readonly id: string;
  readonly duration_seconds: number;
  readonly workload: { readonly threads: number };
  readonly protocol: object;
  readonly times: { readonly warmup_steps: number; readonly step_seconds: { readonly count: number } };
  readonly memory: { readonly baseline_rss_bytes: number; readonly peak_rss_bytes: number };
  readonly cpu: { readonly peak_percent: number };
  readonly samples: readonly {
    readonly seconds: number;
    readonly rss_bytes: number;
    readonly cpu_percent: number;
  }[];
}

/** Really measured by the built service: alone, and by another process of it right after a larger one. */
describe('of an earlier measurement nothing is left in the next', () => {
  let profiles: string;
  let service: ServiceProcess;
  let large: Reply;
  let small: Reply;
  let alone: Measured;
  let after: Measured;
  let before: Measured;
  let peaksInUse: readonly unknown[];

  beforeAll(async () => {
    profiles = await mkdtemp(join(tmpdir(), 'profiles-'));
    await start();
    const first = await ask(SMALL);
    alone = await measurementOf(first);
    const peakAlone = await peakInUse(first);
    await service.stop();
    await start();
    large = await ask(LARGE);
    small = await ask({ ...SMALL, refresh: true });
    [before, after] = [await measurementOf(large), await measurementOf(small)];
    peaksInUse = [peakAlone, await peakInUse(small)];
  });

  afterAll(async () => {
    await service.stop();
    await rm(profiles, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    service = await startBuiltService({ PROFILES_DIR: profiles, MEASURE_MAX_SECONDS: '1' });
  }

  const ask = (request: object): Promise<Reply> => post(`${service.url}/api/v1/estimate-resource`, request);

  async function measurementOf({ body }: Reply): Promise<Measured> {
    const profile = await get(`${service.url}${String(body.profile)}`);
    const all = [profile.body.measurements, profile.body.history].flat() as Measured[];
    const found = all.find(({ id }) => id === body.measurement_id);
    if (found === undefined) throw new Error(`There is no measurement: ${JSON.stringify(body)}`);
    return found;
  }

  async function peakInUse({ body }: Reply): Promise<unknown> {
    const trace = await get(`${service.url}${String(body.trace)}`);
    return (trace.body.memory_peak as { bytes_in_use: unknown }).bytes_in_use;
  }

  it('of its memory', () => {
    const difference = (one: number, other: number): number => Math.abs(one / other - 1);
    expect(before.memory.peak_rss_bytes).toBeGreaterThan(2 * alone.memory.peak_rss_bytes);
    expect(difference(after.memory.peak_rss_bytes, alone.memory.peak_rss_bytes)).toBeLessThan(SAME_MEMORY);
    expect(difference(after.memory.baseline_rss_bytes, alone.memory.baseline_rss_bytes)).toBeLessThan(SAME_MEMORY);
    // By the account of the runtime's own allocator, which knows no chance.
    expect(peaksInUse[1]).toBe(peaksInUse[0]);
  });

  it('of its samples', () => {
    const { samples, memory, cpu, duration_seconds } = after;
    const seconds = samples.map((sample) => sample.seconds);
    expect(seconds.length).toBeGreaterThan(2);
    expect(seconds[0]).toBeLessThan(0.1);
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
    expect(seconds.at(-1)).toBeLessThan(duration_seconds);
    expect(Math.max(...samples.map(({ rss_bytes }) => rss_bytes))).toBeLessThanOrEqual(memory.peak_rss_bytes);
    // Samples are rounded to a tenth.
    expect(Math.max(...samples.map(({ cpu_percent }) => cpu_percent))).toBeLessThanOrEqual(cpu.peak_percent + 0.05);
  });

  it('of its threads, limits and steps', () => {
    expect(before.workload.threads).toBe(1);
    expect(after.workload).toEqual(alone.workload);
    expect(before.protocol).toEqual({ max_steps: 4, max_seconds: 1, shortened: true });
    expect(after.protocol).toMatchObject({ max_steps: 1000, max_seconds: 1 });
    expect(before.times).toMatchObject({ warmup_steps: 2, step_seconds: { count: 2 } });
    expect(after.times.step_seconds.count).toBeGreaterThan(2);
  });

  it('of its warnings', () => {
    const codes = ({ body }: Reply): readonly string[] => (body.warnings as { code: string }[]).map(({ code }) => code);
    expect(codes(large)).toEqual(expect.arrayContaining(['parameters-differ', 'unstable']));
    expect(codes(small)).not.toContain('parameters-differ');
  });
});
