import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTrace, withoutTraceCost } from '../../../src/engine/runtime/trace.js';
import { summariseTrace } from '../../../src/profiling/child/summarise-trace.js';
import { chromeTrace, type ChromeEvent } from '../../../src/profiles/chrome-trace.js';
import { A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';
import { A_TRACE } from '../../fixtures/step-trace.js';

/** Of no slice: never. */
const endOf = (slice: Complete | undefined): number => (slice ? slice.ts + slice.dur : Infinity);

type Complete = Extract<ChromeEvent, { ph: 'X' }>;

describe('a trace in the format of Chrome', () => {
  const file = chromeTrace(aMeasurement(A_TRAINING), A_TRACE);
  const complete = file.traceEvents.filter((event): event is Complete => event.ph === 'X');

  it('names the step, and a track for each phase, in their order', () => {
    expect(file.traceEvents.filter(({ ph }) => ph === 'M')).toEqual([
      {
        ph: 'M',
        name: 'process_name',
        pid: 1,
        tid: 0,
        args: { name: 'training step of ssdlite320_mobilenet_v3_large, batch 8, 320x320' },
      },
      { ph: 'M', name: 'thread_name', pid: 1, tid: 1, args: { name: 'forward' } },
      { ph: 'M', name: 'thread_sort_index', pid: 1, tid: 1, args: { sort_index: 1 } },
      { ph: 'M', name: 'thread_name', pid: 1, tid: 2, args: { name: 'backward' } },
      { ph: 'M', name: 'thread_sort_index', pid: 1, tid: 2, args: { sort_index: 2 } },
      { ph: 'M', name: 'thread_name', pid: 1, tid: 3, args: { name: 'optimizer' } },
      { ph: 'M', name: 'thread_sort_index', pid: 1, tid: 3, args: { sort_index: 3 } },
    ]);
    expect(file.otherData).toMatchObject({ measurement: 'measurement-of-8' });
  });

  it('puts operators into their modules, and these into theirs, in microseconds', () => {
    expect(complete.map(({ tid, cat, name, ts, dur }) => [tid, cat, name, ts, dur])).toEqual([
      [1, 'module', 'body', 0, 4100],
      [1, 'module', 'body.0', 0, 1000],
      [1, 'module', 'body.0.conv', 0, 1000],
      [1, 'operator', 'Conv', 0, 1000],
      [1, 'module', 'body.1', 1100, 3000],
      [1, 'module', 'body.1.conv', 1100, 3000],
      [1, 'operator', 'Conv', 1100, 3000],
      [1, 'operator', '2 small operators', 4200, 700],
      [2, 'module', 'body', 5000, 5000],
      [2, 'module', 'body.1', 5000, 5000],
      [2, 'module', 'body.1.conv', 5000, 5000],
      [2, 'operator', 'Conv', 5000, 5000],
      [3, 'module', 'body', 10_000, 200],
      [3, 'module', 'body.1', 10_000, 200],
      [3, 'module', 'body.1.conv', 10_000, 200],
      [3, 'module', 'body.1.conv.weight', 10_000, 200],
      [3, 'operator', 'Mul', 10_000, 200],
    ]);
    expect(complete[0]?.args).toEqual({ operators: 2, operator_microseconds: 4000 });
    expect(complete[7]?.args).toEqual({ module: '', operators: 2, operator_microseconds: 300 });
  });

  it('ends the slice of a module where another phase comes in between', () => {
    const [first, second] = A_TRACE.timeline;
    const other = A_TRACE.timeline[3];
    if (!first || !second || !other) throw new Error('the fixture has fewer spans');
    const between = { ...other, startSeconds: 0.001, endSeconds: 0.0011 };
    const { traceEvents } = chromeTrace(aMeasurement(A_TRAINING), { ...A_TRACE, timeline: [first, between, second] });
    const bodies = traceEvents.filter(({ ph, name }) => ph === 'X' && name === 'body');
    expect(bodies).toMatchObject([
      { tid: 1, ts: 0, dur: 1000 },
      { tid: 2, ts: 1000, dur: 100 },
      { tid: 1, ts: 1100, dur: 3000 },
    ]);
  });

  it('counts the memory over the step', () => {
    const counters = file.traceEvents.filter(({ ph, name }) => ph === 'C' && name === 'memory in use');
    expect(counters).toEqual([
      { ph: 'C', name: 'memory in use', pid: 1, ts: 1000, args: { bytes: 2000 } },
      { ph: 'C', name: 'memory in use', pid: 1, ts: 10_000, args: { bytes: 9000 } },
      { ph: 'C', name: 'memory in use', pid: 1, ts: 10_200, args: { bytes: 4000 } },
    ]);
    expect(file.traceEvents.filter(({ name }) => name === 'memory held by the allocator')).toHaveLength(3);
  });

  it('lets slices of a track lie in each other or apart, in whole microseconds, for a real step too', () => {
    const recorded = readFileSync(join(__dirname, '../../fixtures/traces/resnet18-training.json'), 'utf8');
    const [run = []] = parseTrace(recorded);
    const { traceEvents } = chromeTrace(aMeasurement(A_TRAINING), summariseTrace(withoutTraceCost(run, 0), 0));
    const slices = traceEvents.filter((event): event is Complete => event.ph === 'X');
    expect(slices.filter(({ cat }) => cat === 'operator')).toHaveLength(run.length);
    for (const track of [1, 2, 3]) {
      const open: Complete[] = [];
      for (const slice of slices.filter(({ tid }) => tid === track)) {
        expect([slice.ts, slice.dur].every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
        while (endOf(open.at(-1)) <= slice.ts) open.pop();
        expect(endOf(slice)).toBeLessThanOrEqual(endOf(open.at(-1)));
        open.push(slice);
      }
    }
  });

  it('is called an inference where it is one', () => {
    const inference = { ...A_TRAINING, applicationType: 'inference' } as const;
    expect(chromeTrace(aMeasurement(inference), A_TRACE).otherData.title).toMatch(/^inference of /);
  });
});
