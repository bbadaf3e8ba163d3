import { chromeTrace } from '../../../src/profiles/chrome-trace.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { runWorkload } from '../../../src/profiling/child/run-workload.js';
import { aMeasurement } from '../../fixtures/measurements.js';
import { faultsOf } from '../../fixtures/trace-event-format.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const LIMITS = { maxSteps: 4, maxSeconds: 60, memoryBudgetBytes: 4 * 2 ** 30 };

const workloadOf = (
  architecture: string,
  applicationType: Workload['applicationType'],
  batchSize: number,
): readonly [string, Workload] => [
  `${applicationType} of ${architecture}`,
  {
    ...WORKLOAD,
    architecture,
    applicationType,
    batchSize,
    imageSize: [64, 64],
    objectsPerImage: null,
    options: { ...WORKLOAD.options, numClasses: 10 },
    optimizer: applicationType === 'training' ? 'sgd' : null,
  },
];

/** Of many small operators, of which a time line has most together, and of few. */
const WORKLOADS = [
  workloadOf('mobilenet_v3_small', 'training', 3),
  workloadOf('mobilenet_v3_small', 'inference', 1),
  workloadOf('resnet18', 'training', 2),
];

type Trace = ReturnType<typeof chromeTrace>;

function slicesOf({ traceEvents }: Trace) {
  return traceEvents.flatMap((event) => (event.ph === 'X' ? [event] : []));
}

describe.each(WORKLOADS)('the trace of a real %s, as a file for Perfetto', (_name, workload) => {
  let file: Trace;
  let stepSeconds: number;
  let operators: number;

  beforeAll(async () => {
    const { trace } = await runWorkload(workload, LIMITS, () => undefined);
    if (trace === null) throw new Error('the built-in runtime traces');
    ({ stepSeconds, count: operators } = trace.summary);
    file = JSON.parse(JSON.stringify(chromeTrace(aMeasurement(workload), trace))) as Trace;
  });

  it('is in the Trace Event Format, with slices that lie in each other or apart', () => {
    expect(faultsOf(file)).toEqual([]);
  });

  it('has every operator, in microseconds from the beginning of the step', () => {
    const slices = slicesOf(file);
    const ends = slices.map(({ ts, dur }) => ts + dur);
    expect(Math.abs(Math.max(...ends) - stepSeconds * 1e6)).toBeLessThanOrEqual(1);
    const ofOperators = slices.filter(({ cat }) => cat === 'operator').map(({ args }) => Number(args.operators));
    expect(ofOperators.reduce((sum, count) => sum + count, 0)).toBe(operators);
  });

  it('has the operators of a module inside of it, on its track', () => {
    const slices = slicesOf(file);
    const operatorSlices = slices.filter(({ cat }) => cat === 'operator');
    const modules = slices.filter(({ cat, dur }) => cat === 'module' && dur > 0);
    expect(modules.length).toBeGreaterThan(10);
    for (const { tid, ts, dur, args, name } of modules) {
      const inside = operatorSlices.filter(
        (slice) => slice.tid === tid && slice.ts >= ts && slice.ts + slice.dur <= ts + dur,
      );
      const within = inside.filter(({ args: { module } }) => `${String(module)}.`.startsWith(`${name}.`));
      const sum = within.reduce((count, slice) => count + Number(slice.args.operators), 0);
      // Where one ends at the very microsecond at which it is computed again, an operator may lie in both.
      expect(sum).toBeGreaterThanOrEqual(Number(args.operators));
    }
  });

  it('has a track for each phase, and a counter of memory all along it', () => {
    const names = file.traceEvents.flatMap((event) =>
      event.ph === 'M' && event.name === 'thread_name' ? [event.args.name] : [],
    );
    expect(names).toEqual(workload.applicationType === 'training' ? ['forward', 'backward', 'optimizer'] : ['forward']);
    const counters = file.traceEvents.flatMap((event) => (event.ph === 'C' ? [event] : []));
    for (const name of ['memory in use', 'memory held by the allocator']) {
      const times = counters.filter((event) => event.name === name).map(({ ts }) => ts);
      expect(times.length).toBeGreaterThan(10);
      expect(Math.max(...times)).toBeGreaterThan(0.9 * stepSeconds * 1e6);
    }
  });
});
