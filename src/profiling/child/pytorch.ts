import { number, count, list, nullable, object, record, choice, type Codec } from '../../common/codec.js';
import { DecodingError } from '../../common/codec.js';
import { ProcessMemory } from '../../monitoring/process-memory.js';
import type { ProcessReading } from '../../monitoring/process-reader.js';
import type { OperatorTime, ReachedCounts, Reading } from '../../profiles/measurement.js';
import type { Workload } from '../../profiles/workload.js';
import type { ChildMessage, ChildResult } from '../protocol.js';
import { assertFinite } from './finite-losses.js';
import { PythonProcess } from './python-process.js';
import type { Division, LoadedWorkload, Outcome, PreparedWorkload, Runtime, RuntimeReader } from './runtime.js';
import type { SteadyState } from './steady-state.js';
import { medianOf } from './distribution.js';
import { WorkloadError } from './workload-error.js';

type Phase = OperatorTime['phase'];

interface ProcessFigures {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

interface TimedPhase extends ProcessFigures {
  readonly phase: Phase;
  readonly seconds: number;
}

interface Step {
  readonly seconds: number;
  readonly phases: readonly TimedPhase[];
  /** What is not finite is told in words. */
  readonly losses: Readonly<Record<string, number>> | null;
  readonly reached: ReachedCounts;
  readonly process: ProcessFigures;
}

const figures = { rssBytes: number(), cpuSeconds: number() };
const processCodec = object<ProcessFigures>(figures);

const anyNumber: Codec<number> = { schema: {}, encode: (value) => value, decode: (value) => Number(value) };

const stepCodec = object<Step>({
  seconds: number(),
  phases: list(
    object<TimedPhase>({ ...figures, phase: choice(['forward', 'backward', 'optimizer']), seconds: number() }),
  ),
  losses: nullable(record(anyNumber)),
  reached: object<ReachedCounts>({
    objectsPerImage: nullable(number()),
    positivesPerImage: nullable(number()),
    candidatesPerImage: nullable(number()),
    detectionsPerImage: nullable(number()),
  }),
  process: processCodec,
});

const helloCodec = object<{ readonly pid: number; readonly process: ProcessFigures }>({
  pid: count(),
  process: processCodec,
});
const answerCodec = object<{ readonly process: ProcessFigures }>({ process: processCodec });
const preparedCodec = object<{ readonly parameters: number; readonly trainableParameters: number }>({
  parameters: count(),
  trainableParameters: count(),
});
const memoryCodec = object<{ readonly gpu: ChildResult['gpuMemory'] }>({
  gpu: nullable(
    object<NonNullable<ChildResult['gpuMemory']>>({ allocatedPeakBytes: number(), reservedPeakBytes: number() }),
  ),
});

/** Of images, targets and weights, as of the engine's. */
const SEED = 0;

/** torchvision's own networks, in a Python of their own. */
export class PyTorchRuntime implements Runtime {
  readonly reader: PythonReader;
  private readonly begun = performance.now();
  /** Of each run so far. */
  private readonly phases: (readonly TimedPhase[])[] = [];

  private constructor(
    private readonly python: PythonProcess,
    pid: number,
    first: ProcessFigures,
    private readonly startSeconds: number,
  ) {
    this.reader = new PythonReader(pid, first, () => this.ask('reset_peak', answerCodec));
  }

  static async start(
    { threads }: Pick<Workload, 'threads'>,
    report: (message: ChildMessage) => void,
  ): Promise<PyTorchRuntime> {
    const begun = performance.now();
    const { process: python, hello } = await PythonProcess.start(process.env.PYTHON ?? 'python3', threads);
    try {
      const { pid, process: first } = decoded(helloCodec, hello, 'hello');
      report({ type: 'computing', pid });
      return new PyTorchRuntime(python, pid, first, (performance.now() - begun) / 1000);
    } catch (error) {
      await python.end();
      throw error;
    }
  }

  lifeSeconds(): number {
    return this.startSeconds + (performance.now() - this.begun) / 1000;
  }

  async prepare(workload: Workload): Promise<PreparedWorkload> {
    const counted = await this.ask('prepare', preparedCodec, asAsked(workload));
    return {
      plannedPeakBytes: null,
      counted,
      load: () => this.load(),
      divide: (steady) => Promise.resolve(divided(this.phases, steady, workload.threads)),
    };
  }

  async close(): Promise<void> {
    await this.python.end();
    this.reader.close();
  }

  private async load(): Promise<LoadedWorkload> {
    this.reader.told((await this.ask('load', answerCodec)).process);
    return {
      run: () => this.run(),
      gpuMemory: async () => (await this.ask('memory', memoryCodec)).gpu,
      release: async () => {
        await this.ask('release', answerCodec);
      },
    };
  }

  private async run(): Promise<Outcome> {
    const { seconds, phases, losses, reached, process: told } = await this.ask('step', stepCodec);
    this.reader.told(told);
    if (losses !== null) assertFinite(losses);
    this.phases.push(phases);
    return { seconds, losses, reached };
  }

  private async ask<T>(command: string, codec: Codec<T>, given?: unknown): Promise<T> {
    return decoded(codec, await this.python.ask(command, given), command);
  }
}

/** Memory by the kernel, CPU time by what Python says with each answer: its own account knows threads that have ended. */
class PythonReader implements RuntimeReader {
  private readonly memory: ProcessMemory;

  constructor(
    pid: number,
    private last: ProcessFigures,
    private readonly resetOfDevice: () => Promise<{ readonly process: ProcessFigures }>,
  ) {
    this.memory = new ProcessMemory(pid);
  }

  told(figures: ProcessFigures): void {
    this.last = figures;
  }

  read(): ProcessReading {
    const { rssBytes, peakRssBytes } = this.memory.read();
    return { rssBytes: rssBytes ?? this.last.rssBytes, peakRssBytes, cpuSeconds: this.last.cpuSeconds };
  }

  readFileRssBytes(): number | null {
    return this.memory.readFileRssBytes();
  }

  async resetPeak(): Promise<boolean> {
    this.told((await this.resetOfDevice()).process);
    return this.memory.resetPeak();
  }

  close(): void {
    this.memory.close();
  }
}

/** The phases were timed in the very steps that were measured: those that the step's own time is of. */
function divided(runs: readonly (readonly TimedPhase[])[], { stepSeconds }: SteadyState, threads: number): Division {
  const timed = runs.slice(-stepSeconds.count);
  const of = (phase: Phase): readonly TimedPhase[] => timed.flatMap((run) => run.filter((one) => one.phase === phase));
  const totals = timed.map((run) => run.reduce((sum, { seconds }) => sum + seconds, 0));
  const shareOf = (phase: Phase): number =>
    medianOf(timed.map((run, index) => secondsOf(run.filter((one) => one.phase === phase)) / (totals[index] ?? NaN)));
  const [forward, optimizer] = [shareOf('forward'), shareOf('optimizer')];
  const reading = (point: 'forward_end' | 'backward_end', phases: readonly TimedPhase[]): readonly Reading[] =>
    phases.length === 0
      ? []
      : [
          {
            point,
            rssBytes: medianOf(phases.map(({ rssBytes }) => rssBytes)),
            source: 'kernel',
            cpuPercent: cpuPercentOf(phases, threads),
            cpuSource: 'process-clock',
          },
        ];
  return {
    // The backward pass is the rest, so that the three make up the whole step.
    shares: { forward, optimizer, backward: Math.max(0, 1 - forward - optimizer) },
    tracedToUntraced: null,
    operators: [],
    readings: [...reading('forward_end', of('forward')), ...reading('backward_end', of('backward'))],
    watchedSteps: [],
    trace: null,
  };
}

function secondsOf(phases: readonly TimedPhase[]): number {
  return phases.reduce((sum, { seconds }) => sum + seconds, 0);
}

function cpuPercentOf(phases: readonly TimedPhase[], threads: number): number {
  const cpuSeconds = phases.reduce((sum, phase) => sum + phase.cpuSeconds, 0);
  return Math.min(100, (100 * cpuSeconds) / secondsOf(phases) / threads);
}

/** The workload in Python's words. */
export function asAsked(workload: Workload): unknown {
  const { options } = workload;
  return {
    architecture: workload.architecture,
    options: {
      num_classes: options.numClasses,
      weights_backbone: options.weightsBackbone,
      trainable_backbone_layers: options.trainableBackboneLayers,
      min_size: options.minSize,
      max_size: options.maxSize,
      aux_loss: options.auxLoss,
    },
    application_type: workload.applicationType,
    batch_size: workload.batchSize,
    image_size: workload.imageSize,
    objects_per_image: workload.objectsPerImage,
    positives_per_image: workload.positivesPerImage,
    candidates_per_image: workload.candidatesPerImage,
    detections_per_image: workload.detectionsPerImage,
    precision: workload.precision,
    device: workload.device,
    threads: workload.threads,
    sampling: 'random',
    seed: SEED,
  };
}

/** @throws WorkloadError */
function decoded<T>(codec: Codec<T>, value: unknown, command: string): T {
  try {
    return codec.decode(value, command);
  } catch (error) {
    if (!(error instanceof DecodingError)) throw error;
    throw new WorkloadError({
      code: 'runtime-failed',
      message: `The Python that measures gave an answer that is not understood: ${error.message}.`,
    });
  }
}
