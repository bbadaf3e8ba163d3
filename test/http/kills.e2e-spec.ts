import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killAgainAndAgain } from '../../bench/killing.js';
import { chooseSeed, seededRandom } from '../../bench/seeded-random.js';
import type { ServiceProcess } from '../../bench/service-process.js';
import { PROGRAM, startBuiltService } from './support/built-service.js';
import { get, post } from './support/requests.js';

const TRAINING = { architecture: 'resnet18', batch_size: 2, image_size: [64, 64], application_type: 'training' };
const INFERENCE = { ...TRAINING, application_type: 'inference' };
const PHASES = ['starting', 'building', 'loading', 'warmup', 'timing', 'tracing'] as const;

interface JobBody {
  readonly state: string;
  readonly progress: { readonly phase: string } | null;
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('kill -9', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kills-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  describe('of the measuring process', () => {
    let service: ServiceProcess;

    beforeEach(async () => {
      service = await startBuiltService({ PROFILES_DIR: folder, MEASURE_MAX_SECONDS: '1', TMPDIR: folder });
    });

    afterEach(() => service.stop());

    /** Once the job has come to the phase, which it may have left again since. */
    async function killIn(phase: string): Promise<void> {
      for (;;) {
        const { jobs } = (await get(`${service.url}/api/v1/jobs`)).body as { readonly jobs: readonly JobBody[] };
        const [job] = jobs;
        const [child] = await service.measuringProcesses();
        if (job?.state === 'running' && child !== undefined && (job.progress?.phase ?? 'starting') === phase) {
          process.kill(child, 'SIGKILL');
          return;
        }
        await sleep(5);
      }
    }

    it('is told with advice in each phase, and leaves no process, no files and no harm', async () => {
      const measure = (request: object) => post(`${service.url}/api/v1/estimate-resource`, request);
      const asked = [...PHASES.map((phase) => [phase, TRAINING] as const), ['timing', INFERENCE] as const];
      for (const [phase, request] of asked) {
        const measuring = measure(request);
        await killIn(phase);
        const { status, body } = await measuring;
        expect({ phase, status, body }).toMatchObject({ status: 503, body: { type: 'child-died', signal: 'SIGKILL' } });
        expect(body.detail).toMatch('The next request starts a fresh process.');
        // It may have come further before it was killed, but not be told as less.
        const reached = /in phase '(\w+)'/.exec(String(body.detail))?.[1] ?? 'starting';
        expect(PHASES.indexOf(reached as never)).toBeGreaterThanOrEqual(PHASES.indexOf(phase));
        expect((await get(`${service.url}/readyz`)).status).toBe(200);
        expect(await service.measuringProcesses()).toEqual([]);
      }
      expect(await measure(TRAINING)).toMatchObject({ status: 200, body: { from_profile: false } });
      expect((await readdir(folder)).filter((name) => name.startsWith('measurement-'))).toEqual([]);
    });
  });

  it('of a service that shares its folder leaves its jobs to one of the others alone', async () => {
    const start = () => startBuiltService({ PROFILES_DIR: folder, MEASURE_MAX_STEPS: '4', LOG_LEVEL: 'info' });
    const first = await start();
    for (const width of [64, 65]) {
      const request = { ...INFERENCE, image_size: [64, width] };
      const asked = post(`${first.url}/api/v1/estimate-resource`, request, 'application/json', { prefer: 'wait=0' });
      expect((await asked).status).toBe(202);
    }
    await first.kill();
    const services = await Promise.all([start(), start()]);
    const jobsOf = async ({ url }: ServiceProcess): Promise<JobBody[]> =>
      (await get(`${url}/api/v1/jobs`)).body.jobs as JobBody[];
    const unfinished = (jobs: readonly JobBody[]) => jobs.filter(({ state }) => ['queued', 'running'].includes(state));
    for (;;) {
      const left = (await Promise.all(services.map(jobsOf))).flatMap(unfinished);
      if (left.length === 0) break;
      await sleep(20);
    }
    const { profiles } = (await get(`${services[0].url}/api/v1/profiles`)).body;
    await Promise.all(services.map((service) => service.stop()));
    expect(profiles).toMatchObject([{ measurements: 2 }]);
  });

  it('of the service, while it measures and while it writes, loses nothing that it has acknowledged', async () => {
    const seed = chooseSeed();
    const said: string[] = [`seed ${seed}`];
    const options = {
      program: PROGRAM,
      folder: join(folder, 'profiles'),
      kills: 10,
      random: seededRandom(seed),
      say: (line: string) => void said.push(line),
    };
    try {
      const { jobs, measurements, longestReadySeconds } = await killAgainAndAgain(options);
      said.push(`longest time to ready: ${longestReadySeconds.toFixed(2)} s`);
      expect(jobs).toBeGreaterThanOrEqual(2);
      expect(measurements).toBeGreaterThanOrEqual(1);
    } finally {
      // What happened is to be seen, and to be repeated with `SEED`.
      process.stdout.write(`${said.join('\n')}\n`);
    }
  });
});
