import { parseArgs } from 'node:util';
import type { TimingLimits } from '../../src/profiles/measurement.js';
import { type RuntimeName, RUNTIMES } from '../../src/profiles/workload.js';
import { UsageError, wholeNumber } from '../step-options.js';
import { type Plan, PLANS, QUICK_PLANS } from './plans.js';

export const USAGE = `npm run accuracy -- [ARCHITECTURE ...] [options]

  ARCHITECTURE     by torchvision's name; default all of the grid
  --workloads N    drawn of each architecture, for training and for inference each; default 12
  --seed N         of the drawing; default 1
  --runtime NAME   onnxruntime or pytorch; default onnxruntime. For pytorch PYTHON has to name a Python with torch and torchvision
  --threads N      of the runtime; default all cores that the service may use
  --max-steps N    limits of each measurement, as a request gives them; default 40
  --max-seconds N  default 6
  --json FILE      all that was measured, written after each measurement
  --resume         keeps what FILE has, and measures what is missing
  --seconds N      no measurement is begun later; 0: only what FILE has counts; default 3600
  --one            measures the next one that is missing, and ends: for those who share the machine; goes with --json
  --fit            holds what is said to fit against what runs under a memory limit; goes by what FILE has
  --trials N       of --fit; default 100
  --largest        the largest batch that is said to fit has to run, and one a little larger must not; goes by FILE too
  --quick          a small grid of onnxruntime within shorter limits, in less than 5 minutes

Exits with 1 when a goal is missed, of --quick when it is missed by far, and with 2 when it was asked for wrongly or could not
be run; with --one with 3 when nothing is missing.`;

/** Command line of `npm run accuracy`, with all defaults filled in. */
export interface AccuracyOptions {
  readonly help: boolean;
  readonly plans: readonly Plan[];
  readonly workloads: number;
  readonly seed: number;
  readonly runtime: RuntimeName;
  /** Null: all that the service may use. */
  readonly threads: number | null;
  readonly limits: TimingLimits;
  readonly file: string | null;
  readonly resume: boolean;
  readonly seconds: number;
  readonly one: boolean;
  readonly quick: boolean;
  readonly fit: boolean;
  readonly largest: boolean;
  readonly trials: number;
}

const FULL = { plans: PLANS, workloads: '12', steps: '40', stepSeconds: '6', seconds: '3600' };
const QUICK = { plans: QUICK_PLANS, workloads: '5', steps: '20', stepSeconds: '2', seconds: '200' };

/** @throws UsageError */
export function readAccuracyOptions(args?: string[]): AccuracyOptions {
  const { positionals, values } = parseArgs({
    ...(args === undefined ? {} : { args }),
    allowPositionals: true,
    options: {
      workloads: { type: 'string' },
      seed: { type: 'string', default: '1' },
      runtime: { type: 'string', default: 'onnxruntime' },
      threads: { type: 'string' },
      'max-steps': { type: 'string' },
      'max-seconds': { type: 'string' },
      json: { type: 'string' },
      resume: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      one: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      fit: { type: 'boolean', default: false },
      largest: { type: 'boolean', default: false },
      trials: { type: 'string', default: '100' },
      help: { type: 'boolean', default: false },
    },
  });
  const { json = null, one, quick, fit, largest } = values;
  if (json === null && (one || fit || largest)) {
    throw new UsageError('--one, --fit and --largest go with --json FILE, which has what was measured before');
  }
  const runtime = runtimeNamed(values.runtime);
  if (quick && runtime !== 'onnxruntime') throw new UsageError('--quick is of onnxruntime alone');
  const defaults = quick ? QUICK : FULL;
  const seconds = values.seconds ?? defaults.seconds;
  return {
    help: values.help,
    plans: plansNamed(positionals, defaults.plans),
    workloads: wholeNumber('workloads', values.workloads ?? defaults.workloads),
    seed: wholeNumber('seed', values.seed),
    runtime,
    threads: values.threads === undefined ? null : wholeNumber('threads', values.threads),
    limits: {
      maxSteps: wholeNumber('max-steps', values['max-steps'] ?? defaults.steps),
      maxSeconds: wholeNumber('max-seconds', values['max-seconds'] ?? defaults.stepSeconds),
    },
    file: json,
    resume: values.resume || one || fit || largest,
    seconds: seconds === '0' ? 0 : wholeNumber('seconds', seconds),
    one,
    quick,
    fit,
    largest,
    trials: wholeNumber('trials', values.trials),
  };
}

function runtimeNamed(name: string): RuntimeName {
  const runtime = RUNTIMES.find((one) => one === name);
  if (runtime === undefined) throw new UsageError(`there is no runtime "${name}"; there are ${RUNTIMES.join(' and ')}`);
  return runtime;
}

function plansNamed(names: readonly string[], plans: readonly Plan[]): readonly Plan[] {
  const unknown = names.find((name) => plans.every(({ architecture }) => architecture !== name));
  if (unknown !== undefined) {
    const known = plans.map(({ architecture }) => architecture).join(', ');
    throw new UsageError(`the grid has no "${unknown}"; it has ${known}`);
  }
  return names.length === 0 ? plans : plans.filter(({ architecture }) => names.includes(architecture));
}
