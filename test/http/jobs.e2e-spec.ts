import { request, type IncomingMessage } from 'node:http';
import type { Measurement } from '../../src/profiles/measurement.js';
import { ChildDiedError } from '../../src/profiling/measuring.errors.js';
import type { MeasureOptions } from '../../src/profiling/measuring.service.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_EVENT_STREAMS } from '../../src/jobs/jobs.service.js';
import { aMeasurement } from '../fixtures/measurements.js';
import { Gate, until } from './support/gate.js';
import { get, INFERENCE, post, type Reply, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

interface JobBody {
  readonly id: string;
  readonly state: string;
  readonly href: string;
  readonly events: string;
  readonly workload: { readonly batch_size: number };
}

interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

describe('jobs', () => {
  let service: RunningService;
  let measurements: Gate;
  let options: MeasureOptions;

  beforeEach(async () => {
    service = await startService();
    hold();
  });

  afterEach(() => service.stop());

  /** Every measurement waits for the gate. */
  function hold(): void {
    measurements = new Gate();
    service.measuring.behaviour = async (workload, given): Promise<Measurement> => {
      options = given;
      await measurements.opened;
      return aMeasurement(workload);
    };
  }

  const estimate = (body: object, prefer: string, path = 'estimate-resource'): Promise<Reply> =>
    post(`${service.url}/api/v1/${path}`, body, 'application/json', { prefer });

  const jobsIn = ({ body }: Reply): JobBody[] => body.jobs as JobBody[];

  /** A request that does not wait, and the job that it is told of. */
  async function begun(batch = 8): Promise<JobBody> {
    const [job] = jobsIn(await estimate({ ...TRAINING, batch_size: batch }, 'respond-async'));
    if (job === undefined) throw new Error('There is no job.');
    return job;
  }

  const show = (job: JobBody): Promise<Reply> => get(service.url + job.href);

  const cancel = (path: string): Promise<Response> => fetch(service.url + path, { method: 'DELETE' });

  async function over(job: JobBody): Promise<Reply> {
    for (;;) {
      const reply = await show(job);
      if (!['queued', 'running'].includes(String(reply.body.state))) return reply;
    }
  }

  describe('for who does not want to wait', () => {
    it('are answered with 202, where they are, and what was heeded', async () => {
      const { status, headers, body } = await estimate(TRAINING, 'respond-async');
      const [job] = body.jobs as JobBody[];
      expect(status).toBe(202);
      expect(job).toMatchObject({ state: 'running', workload: { batch_size: 8 }, measurement_id: null, problem: null });
      expect(headers.get('location')).toBe(job?.href);
      expect(headers.get('preference-applied')).toBe('respond-async');
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    });

    it('lead to the measurement, and then the same request is answered at once', async () => {
      const job = await begun();
      measurements.open();
      const { body } = await over(job);
      expect(body).toMatchObject({ state: 'succeeded', measurement_id: 'measurement-of-8' });
      expect(await get(service.url + String(body.profile))).toMatchObject({
        status: 200,
        body: { measurements: [{ id: 'measurement-of-8' }] },
      });
      const { status, body: answer } = await estimate(TRAINING, 'respond-async');
      expect({ status, answer }).toMatchObject({ status: 200, answer: { from_profile: true } });
      expect(service.measuring.asked).toHaveLength(1);
    });

    it('are new ones with `refresh`, shared while they last, and then the request without it is answered', async () => {
      measurements.open();
      await estimate(TRAINING, '');
      hold();
      const refreshed = { ...TRAINING, refresh: true };
      const [first] = jobsIn(await estimate(refreshed, 'respond-async'));
      const [second] = jobsIn(await estimate(refreshed, 'respond-async'));
      if (first === undefined) throw new Error('There is no job.');
      expect(second?.id).toBe(first.id);
      expect((await estimate(TRAINING, 'respond-async')).body).toMatchObject({ from_profile: true });
      measurements.open();
      await over(first);
      expect((await estimate(TRAINING, 'respond-async')).body).toMatchObject({ from_profile: true });
      expect(service.measuring.asked).toHaveLength(2);
      const [third] = jobsIn(await estimate(refreshed, 'respond-async'));
      expect(third?.id).not.toBe(first.id);
    });

    it('say why there is no measurement', async () => {
      service.measuring.behaviour = () =>
        Promise.reject(new ChildDiedError('It was killed.', 'SIGKILL', null, 'secret'));
      const { body } = await over(await begun());
      expect(body).toMatchObject({
        state: 'failed',
        profile: null,
        problem: { type: 'child-died', status: 503, detail: 'It was killed.', signal: 'SIGKILL' },
      });
      expect(JSON.stringify(body)).not.toMatch('secret');
    });

    it('are shared with who waits', async () => {
      const waiting = post(`${service.url}/api/v1/estimate-resource`, TRAINING);
      await until(() => service.measuring.asked.length === 1);
      await begun();
      expect((await get(`${service.url}/api/v1/jobs`)).body.jobs).toHaveLength(1);
      measurements.open();
      expect((await waiting).status).toBe(200);
    });

    it('are those of training time too', async () => {
      const { status, headers } = await estimate(
        { ...TRAINING, dataset_size: 100, epochs: 1 },
        'respond-async',
        'estimate-training-time',
      );
      expect({ status, location: headers.get('location') }).toMatchObject({
        status: 202,
        location: expect.stringMatching(/^\/api\/v1\/jobs\/[0-9a-f-]{36}$/) as unknown,
      });
    });

    it('are two for the time of one image and of a batch, and the last one is where to look', async () => {
      const reply = await estimate(INFERENCE, 'respond-async', 'estimate-inference-time');
      const jobs = jobsIn(reply);
      expect(jobs.map(({ workload }) => workload.batch_size)).toEqual([8, 1]);
      expect(reply.headers.get('location')).toBe(jobs[1]?.href);
    });

    it('are none where nothing has to be measured', async () => {
      const nested = {
        resource_estimation: { ...TRAINING, dataset_size: 100 },
        resource_estimation_results: { 'Batch Time': { forward_pass: 0.25, backward_pass: 0.5 } },
        epochs: 4,
      };
      expect((await estimate(nested, 'respond-async', 'estimate-training-time')).status).toBe(200);
      expect((await estimate({ ...TRAINING, batch_size: 1 }, 'respond-async')).status).toBe(422);
      expect((await estimate({ ...TRAINING, batch_size: 0 }, 'respond-async')).status).toBe(422);
      expect((await get(`${service.url}/api/v1/jobs`)).body.jobs).toEqual([]);
    });
  });

  describe('for who waits a while', () => {
    it('are answered like any other where they are over in time', async () => {
      const waiting = estimate(TRAINING, 'wait=100');
      await until(() => service.measuring.asked.length === 1);
      measurements.open();
      expect(await waiting).toMatchObject({ status: 200, body: { from_profile: false } });
    });

    it.each([
      ['wait=100', 'wait=100'],
      ['respond-async, wait=100', 'wait=100'],
      ['return=minimal', null],
    ])('are told then that this was heeded, by "%s", but not where nothing was waited for', async (prefer, applied) => {
      measurements.open();
      for (const path of ['estimate-resource', 'estimate-inference-time', 'estimate-training-time']) {
        const body = {
          ...(path === 'estimate-inference-time' ? INFERENCE : TRAINING),
          ...(path === 'estimate-training-time' ? { dataset_size: 100, epochs: 1, batch_size: 9 } : {}),
        };
        const first = await estimate(body, prefer, path);
        expect({ path, status: first.status, applied: first.headers.get('preference-applied') }).toEqual({
          path,
          status: 200,
          applied,
        });
        const again = await estimate(body, prefer, path);
        expect(again.headers.get('preference-applied')).toBeNull();
      }
    });

    it.each([
      ['wait=1', 'wait=1'],
      ['respond-async, wait=0', 'respond-async, wait=0'],
      ['Wait="0"; x=1, handling=lenient', 'wait=0'],
      ['wait=0, wait=100', 'wait=0'],
    ])('are answered with 202 where they are not, by "%s"', async (prefer, applied) => {
      const { status, headers } = await estimate(TRAINING, prefer);
      expect({ status, applied: headers.get('preference-applied') }).toEqual({ status: 202, applied });
    });

    it.each(['wait=soon', 'wait', 'wait=-1', 'return=minimal', ', ;='])('are waited for with "%s"', async (prefer) => {
      measurements.open();
      expect((await estimate(TRAINING, prefer)).status).toBe(200);
    });

    it('tell a failure as they do without waiting', async () => {
      service.measuring.behaviour = () => Promise.reject(new ChildDiedError('It was killed.', 'SIGKILL', null, ''));
      expect(await estimate(TRAINING, 'wait=100')).toMatchObject({ status: 503, body: { type: 'child-died' } });
    });
  });

  describe('in a list', () => {
    it('are in the order of their turns, then the last that are over', async () => {
      const first = await begun(2);
      measurements.open();
      await over(first);
      hold();
      await begun(3);
      await begun(4);
      await begun(5);
      const { jobs } = (await get(`${service.url}/api/v1/jobs`)).body;
      expect(jobs).toMatchObject([
        { state: 'running', position: null, workload: { batch_size: 3 } },
        { state: 'queued', position: 0, workload: { batch_size: 4 } },
        { state: 'queued', position: 1, workload: { batch_size: 5 } },
        { state: 'succeeded', position: null, workload: { batch_size: 2 } },
      ]);
    });

    it.each(['GET', 'DELETE'])('are not found by another id, with %s', async (method) => {
      for (const path of ['nothing', `${'0'.repeat(8)}-0000-4000-8000-000000000000`, '..%2F..%2Fsecret', '__proto__']) {
        const response = await fetch(`${service.url}/api/v1/jobs/${path}`, { method });
        expect(response.status).toBe(404);
        expect(await response.json()).toMatchObject({ type: 'unknown-job', status: 404 });
      }
    });

    it('take no other methods', async () => {
      const { status, headers } = await post(`${service.url}/api/v1/jobs`, {});
      expect({ status, allow: headers.get('allow') }).toMatchObject({ status: 405, allow: 'GET, HEAD' });
    });
  });

  describe('when they are cancelled', () => {
    it('are over while they wait, and never measured', async () => {
      await begun(2);
      const second = await begun(3);
      const response = await cancel(second.href);
      expect(response.status).toBe(204);
      expect((await show(second)).body).toMatchObject({ state: 'cancelled', measurement_id: null });
      measurements.open();
      await over(await begun(4));
      expect(service.measuring.asked.map(({ batchSize }) => batchSize)).toEqual([2, 4]);
    });

    it('are over while they run, for all who wait for them', async () => {
      const waiting = [1, 2].map(() => post(`${service.url}/api/v1/estimate-resource`, TRAINING));
      await until(() => service.measuring.asked.length === 1);
      expect((await cancel((await begun()).href)).status).toBe(204);
      for (const reply of waiting) {
        expect(await reply).toMatchObject({ status: 503, body: { type: 'measuring-cancelled' } });
      }
      expect(options.signal?.aborted).toBe(true);
    });

    it('may be so again, but not when they have succeeded', async () => {
      const first = await begun(2);
      await cancel(first.href);
      expect((await cancel(first.href)).status).toBe(204);
      measurements.open();
      const second = await begun(3);
      await over(second);
      const response = await cancel(second.href);
      expect(response.status).toBe(409);
      expect(await response.json()).toMatchObject({ type: 'job-over', state: 'succeeded' });
    });
  });

  describe('as events', () => {
    it('are told from what they are to their end, and then no more', async () => {
      const job = await begun();
      const response = await fetch(service.url + job.events);
      expect(response.headers.get('content-type')).toBe('text/event-stream');
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = response.text();
      await until(() => service.measuring.asked.length === 1);
      options.onProgress?.({ phase: 'warmup', step: 1, windowsSeconds: [], secondsLeft: 50 });
      options.onProgress?.({ phase: 'timing', step: 9, windowsSeconds: [0.25], secondsLeft: 42.5 });
      measurements.open();
      const events = eventsIn(await text);
      expect(events.map(({ event, data }) => [event, data.state])).toEqual([
        ['progress', 'running'],
        ['progress', 'running'],
        ['progress', 'running'],
        ['end', 'succeeded'],
      ]);
      expect(events[2]?.data.progress).toEqual({
        phase: 'timing',
        step: 9,
        windows_seconds: [0.25],
        seconds_left: 42.5,
      });
      expect(events.at(-1)?.data).toEqual((await show(job)).body);
      expect(new Set(events.map(({ id }) => id)).size).toBe(4);
    });

    it('tell of the place in the queue', async () => {
      const [first, second, third] = [await begun(2), await begun(3), await begun(4)];
      const text = (await fetch(service.url + third.events)).text();
      await cancel(second.href);
      await cancel(first.href);
      measurements.open();
      const places = eventsIn(await text).map(({ data }) => [data.state, data.position]);
      expect(places).toEqual([
        ['queued', 1],
        ['queued', 0],
        ['running', null],
        ['succeeded', null],
      ]);
    });

    it('are the end alone where it is over, and nothing for who has seen it', async () => {
      const job = await begun();
      await cancel(job.href);
      const events = eventsIn(await (await fetch(service.url + job.events)).text());
      expect(events).toMatchObject([{ event: 'end', data: { state: 'cancelled' } }]);
      const again = await fetch(service.url + job.events, { headers: { 'last-event-id': String(events[0]?.id) } });
      expect(again.status).toBe(204);
    });

    it('are none of a job that there is not', async () => {
      const reply = await get(`${service.url}/api/v1/jobs/nothing/events`);
      expect(reply).toMatchObject({ status: 404, body: { type: 'unknown-job' } });
      expect(reply.contentType).toMatch('application/problem+json');
    });

    it('are not waited for by who asks for their headers alone', async () => {
      const job = await begun();
      const { status, headers } = await fetch(service.url + job.events, { method: 'HEAD' });
      expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    });

    it('do not keep the service from ending, nor the job from being taken up again', async () => {
      const job = await begun();
      const text = (await fetch(service.url + job.events)).text();
      service = await service.restart();
      expect(eventsIn(await text).map(({ event }) => event)).toEqual(['progress']);
      expect((await over(job)).body).toMatchObject({ id: job.id, state: 'succeeded', interruptions: 1 });
    });

    it('are refused beyond a hundred at once, until one is over', async () => {
      const job = await begun();
      const open = (method: string): Promise<IncomingMessage> =>
        new Promise((resolve) => request(service.url + job.events, { method, agent: false }, resolve).end());
      const streams = await Promise.all(Array.from({ length: MAX_EVENT_STREAMS }, () => open('GET')));
      expect(streams.every(({ statusCode }) => statusCode === 200)).toBe(true);
      const refused = await get(service.url + job.events);
      expect(refused).toMatchObject({
        status: 503,
        body: { type: 'too-many-streams', max_streams: MAX_EVENT_STREAMS },
      });
      expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      streams[0]?.destroy();
      // Twice, for who asks for the headers alone holds none.
      for (let answered = 0; answered < 2;) if ((await open('HEAD')).statusCode === 200) answered++;
      for (const stream of streams) stream.destroy();
    });

    it('do not keep the service from ending for clients that no longer listen', async () => {
      const job = await begun();
      const clients = Array.from({ length: 20 }, () => new AbortController());
      await Promise.all(clients.map(({ signal }) => fetch(service.url + job.events, { signal })));
      // By then their streams have come to rest.
      await sleep(300);
      for (const client of clients) client.abort();
      await sleep(300);
      service = await service.restart();
      expect((await get(`${service.url}/healthz`)).status).toBe(200);
    });

    it('do not mind a client that leaves', async () => {
      const job = await begun();
      const client = new AbortController();
      const response = await fetch(service.url + job.events, { signal: client.signal });
      client.abort();
      await expect(response.text()).rejects.toThrow('aborted');
      measurements.open();
      expect((await over(job)).body.state).toBe('succeeded');
    });
  });

  it('answers all of 200 requests at once with a result, a job or that there is no room', async () => {
    let refused = 0;
    const asked = Array.from({ length: 200 }, async (_, index) => {
      const prefer = index % 2 === 0 ? 'respond-async' : 'wait=100';
      const reply = await estimate({ ...TRAINING, batch_size: 2 + (index % 100) }, prefer);
      if (reply.status === 503) refused++;
      return reply;
    });
    await until(() => refused > 0);
    measurements.open();
    const replies = await Promise.all(asked);
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => ![200, 202, 503].includes(status))).toEqual([]);
    expect(new Set(statuses)).toEqual(new Set([200, 202, 503]));
    for (const { status, headers, body } of replies) {
      if (status !== 503) continue;
      expect(body).toMatchObject({ type: 'queue-full', max_queued_jobs: 32 });
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    expect((await get(`${service.url}/healthz`)).status).toBe(200);
  });
});

function eventsIn(text: string): ServerSentEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const field = (name: string): string => fields.get(name) ?? '';
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) as Record<string, unknown> };
    });
}
