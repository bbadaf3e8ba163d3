import {
  choice,
  type Codec,
  count,
  DecodingError,
  flag,
  moment,
  named,
  nullable,
  nullWhereMissing,
  object,
  list,
  number,
  text,
} from '../common/codec.js';
import { schemaReference } from '../common/open-api.js';
import { PROBLEM_TITLES, type ProblemDetails } from '../common/problem.js';
import { limitsCodec, workloadCodec } from '../profiles/measurement.codec.js';
import { profilePath } from '../profiles/profile-summary.js';
import type { MeasuringProgress } from '../profiling/measuring-progress.js';
import { type Job, JOB_STATES, jobPath, type JobResult } from './job.js';

/** Raised when a file of an earlier version can no longer be read as it stands. */
const JOB_SCHEMA_VERSION = 1;

interface JobFile {
  readonly schemaVersion: typeof JOB_SCHEMA_VERSION;
  readonly job: Job;
}

/** A problem document is written as it is answered. */
const problemCodec: Codec<ProblemDetails> = {
  schema: schemaReference('Problem'),
  encode: (problem) => problem,
  decode: (value, path) => {
    if (!isProblem(value)) throw new DecodingError(path, 'a problem document', value);
    return value;
  },
};

const resultCodec = object<JobResult>({ machineId: text(), measurementId: text(), kept: flag() });

const jobCodec = object<Job>({
  id: text(),
  sequence: count(),
  state: choice(JOB_STATES),
  workload: workloadCodec,
  limits: nullWhereMissing(nullable(limitsCodec)),
  createdAt: moment(),
  startedAt: nullable(moment()),
  endedAt: nullable(moment()),
  interruptions: count(),
  result: nullable(resultCodec),
  problem: nullable(problemCodec),
});

const fileCodec = object<JobFile>({ schemaVersion: choice([JOB_SCHEMA_VERSION]), job: jobCodec });

/** Content of the file of a job. */
export function writeJob(job: Job): string {
  return `${JSON.stringify(fileCodec.encode({ schemaVersion: JOB_SCHEMA_VERSION, job }), null, 2)}\n`;
}

/** @throws DecodingError; SyntaxError */
export function readJob(content: string): Job {
  return fileCodec.decode(JSON.parse(content), 'file').job;
}

/** A job as it is answered. */
export interface JobView extends Pick<
  Job,
  'id' | 'state' | 'workload' | 'limits' | 'createdAt' | 'startedAt' | 'endedAt' | 'interruptions' | 'problem'
> {
  readonly href: string;
  readonly events: string;
  readonly position: number | null;
  readonly progress: MeasuringProgress | null;
  readonly measurementId: string | null;
  readonly profile: string | null;
}

export const jobViewCodec = named(
  'Job',
  object<JobView>({
    id: text(),
    state: choice(JOB_STATES),
    href: text('Where this job is; DELETE cancels it.'),
    events: text('Where its changes are told as server-sent events.'),
    workload: workloadCodec,
    limits: nullable(limitsCodec),
    createdAt: moment(),
    startedAt: nullable(moment('Of the last attempt.')),
    endedAt: nullable(moment()),
    interruptions: count('How often the service ended while it ran. After the first time it is tried once more.'),
    position: nullable(count('Jobs whose turn comes before; null unless it is queued.')),
    progress: nullable(
      object<MeasuringProgress>({
        phase: choice(['building', 'loading', 'warmup', 'timing', 'tracing']),
        step: count('Steps done in this phase.'),
        windowsSeconds: list(
          number(),
          'Seconds: median step of each window of timed steps so far. It is done when the last three agree.',
        ),
        secondsLeft: nullable(number('What the limits of steps and seconds leave at most; null before steps are run.')),
      }),
    ),
    measurementId: nullable(text('Of the measurement that it made.')),
    profile: nullable(text('Where that measurement is; null when it could not be kept.')),
    problem: nullable(problemCodec),
  }),
);

/** @param position jobs whose turn comes before */
export function viewJob(job: Job, position: number | null, progress: MeasuringProgress | null): JobView {
  const { result, workload } = job;
  const href = jobPath(job.id);
  return {
    ...job,
    href,
    events: `${href}/events`,
    position,
    progress: job.state === 'running' ? progress : null,
    measurementId: result?.measurementId ?? null,
    profile: result?.kept === true ? profilePath(result.machineId, workload.architecture) : null,
  };
}

function isProblem(value: unknown): value is ProblemDetails {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(PROBLEM_TITLES, value.type) &&
    'status' in value &&
    typeof value.status === 'number' &&
    'detail' in value &&
    typeof value.detail === 'string'
  );
}
