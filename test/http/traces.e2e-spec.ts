import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { thisHardware } from '../fixtures/hardware.js';
import { DEFAULT_MEASURING_OPTIONS } from '../../src/profiling/measuring-options.js';
import { MeasuringService } from '../../src/profiling/measuring.service.js';
import { childProgram } from '../fixtures/children/program.js';
import { A_MACHINE, aMeasurement } from '../fixtures/measurements.js';
import { get, post, type Reply, TRAINING } from './support/requests.js';
import { startService, type RunningService } from './support/start-service.js';

/** The whole service; measuring processes are a program that measures nothing. */
describe('the trace of a measurement', () => {
  let service: RunningService;
  let measuring: MeasuringService;
  let trace: string;

  const read = (query = ''): Promise<Reply> => get(`${service.url}${trace}${query}`);

  beforeAll(async () => {
    service = await startService();
    const program = childProgram('ok');
    measuring = new MeasuringService(DEFAULT_MEASURING_OPTIONS, program, thisHardware());
    service.measuring.behaviour = (workload) => measuring.measure(workload);
    const { body } = await post(`${service.url}/api/v1/estimate-resource`, TRAINING);
    trace = String(body.trace);
  });

  afterAll(async () => {
    await measuring.onModuleDestroy();
    await service.stop();
  });

  it('is where the answer says, summed up', async () => {
    const { status, body } = await read();
    expect(trace).toMatch(/^\/api\/v1\/profiles\/\w+\/ssdlite320_mobilenet_v3_large\/measurements\/[0-9a-f-]+\/trace$/);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        step_seconds: 0.0102,
        operator_seconds: 0.0095,
        count: 6,
        phases: [{ phase: 'forward' }, { phase: 'backward' }, { phase: 'optimizer' }],
        operators: expect.arrayContaining([
          {
            phase: 'forward',
            operator: 'Conv',
            count: 2,
            seconds: 0.004,
            allocated_bytes: 4000,
            peak_bytes_in_use: 5000,
          },
        ]) as unknown,
        modules: expect.arrayContaining([expect.objectContaining({ module: 'body.0.conv' })]) as unknown,
        memory_peak: { bytes_in_use: 9000, phase: 'backward', module: 'body.1.conv', operator: 'Conv' },
        memory: expect.arrayContaining([{ seconds: 0.001, bytes_in_use: 2000, bytes_held: 9500 }]) as unknown,
      },
    });
    expect(body).not.toHaveProperty('timeline');
    expect(await read('?format=json')).toMatchObject({ status, body });
  });

  it('is a file for Chrome and Perfetto', async () => {
    const { status, contentType, headers, body } = await read('?format=chrome');
    expect(status).toBe(200);
    expect(contentType).toMatch('application/json');
    expect(headers.get('content-disposition')).toMatch(
      /^attachment; filename="ssdlite320_mobilenet_v3_large-[0-9a-f-]+\.trace\.json"$/,
    );
    const events = body.traceEvents as { ph: string; name: string }[];
    expect(new Set(events.map(({ ph }) => ph))).toEqual(new Set(['M', 'X', 'C']));
    expect(events).toContainEqual(expect.objectContaining({ ph: 'X', name: 'body.1.conv', ts: 1100, dur: 3000 }));
  });

  it('outlives a restart', async () => {
    const before = await read();
    service = await service.restart();
    expect((await read()).body).toEqual(before.body);
  });

  it.each([
    ['?format=perfetto', 'format', 'one of "json", "chrome"'],
    ['?form=json', 'form', 'Did you mean "format"?'],
  ])('is not given as %s', async (query, parameter, text) => {
    const { status, body } = await read(query);
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'invalid-request', errors: [{ parameter, detail: expect.stringContaining(text) as unknown }] },
    });
  });

  it.each([
    ['unknown/x/measurements/y', 'Nothing was measured'],
    [`${A_MACHINE.id}/ssdlite320_mobilenet_v3_large/measurements/none`, 'no measurement "none"'],
    [`${A_MACHINE.id}/ssdlite320_mobilenet_v3_large/measurements/..%2f..%2fx`, 'no measurement "../../x"'],
    [`${A_MACHINE.id}/ssdlite320_mobilenet_v3_large/measurements/__proto__`, 'no measurement "__proto__"'],
  ])('is not to be had at %s', async (path, text) => {
    const { status, body } = await get(`${service.url}/api/v1/profiles/${path}/trace`);
    expect({ status, body }).toMatchObject({ status: 404, body: { type: 'not-found' } });
    expect(body.detail).toMatch(text);
  });

  it('is missing where a measurement was kept without one, as by earlier versions', async () => {
    service.measuring.behaviour = (workload) => Promise.resolve(aMeasurement(workload));
    const { body: answer } = await post(`${service.url}/api/v1/estimate-resource`, { ...TRAINING, batch_size: 9 });
    const { status, body } = await get(`${service.url}${String(answer.trace)}`);
    expect({ status, body }).toMatchObject({ status: 404, body: { type: 'not-found' } });
    expect(body.detail).toMatch('has no trace');
  });

  it('is missing once its file is deleted', async () => {
    const [, , , , machine = '', , , id = ''] = trace.split('/');
    await rm(join(service.profilesDirectory, machine, 'traces', `${id}.json`));
    expect(await read()).toMatchObject({ status: 404 });
  });
});
