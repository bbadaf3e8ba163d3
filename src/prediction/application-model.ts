import type { Workload } from '../profiles/workload.js';
import { neededBytes, noMoreThan } from './fit.js';
import { centred, type CentredResiduals, intervalOf, type Residuals, trialsOf } from './intervals.js';
import { median } from './median.js';
import type { Observation } from './observation.js';
import type { MemoryLaw } from './memory-law.js';
import { type MeasuredPeak, PeakMemory } from './peak-memory.js';
import type { Interval, Prediction, Support } from './prediction.js';
import { type Example, findResiduals } from './residuals.js';
import type { RuntimeModel } from './runtime-model.js';
import { measuredWork } from './step-work.js';
import { extentOf, isNowhereSmaller, networkKey, standingOf } from './support.js';
import type { MeasuredStep, PhaseSeconds, TimeModel } from './time-model.js';
import { TRUSTED, type Trust, trustIn, usableCosts } from './trust.js';
import type { WorkloadAnalyses, WorkloadAnalysis } from './workload-analyses.js';
import { batchCounts } from './workload-costs.js';

/** An observation with what predictions need of it. */
interface Known extends Example {
  readonly observation: Observation;
  readonly step: MeasuredStep;
  readonly peak: MeasuredPeak;
  /** Null where it was not measured. */
  readonly loading: MeasuredPeak | null;
}

/** Peaks of memory, and how far predictions of them are off. */
interface LearnedMemory {
  readonly model: PeakMemory;
  readonly errors: Residuals;
}

/** All that measurements decide. */
interface Learned {
  readonly known: readonly Known[];
  readonly times: TimeModel;
  readonly timeErrors: CentredResiduals;
  readonly memory: LearnedMemory;
  /** Null where nothing was measured of it. */
  readonly loading: LearnedMemory | null;
}

/** Predicts workloads from those measured under the same conditions, of one application type and one runtime. */
export class ApplicationModel {
  private readonly learning: Generator<void, Learned>;
  private learned: Learned | null = null;

  constructor(
    observations: readonly Observation[],
    private readonly analyses: WorkloadAnalyses,
    model: RuntimeModel,
  ) {
    this.learning = learn(observations, analyses, model);
  }

  /** Learns all that predictions need, with a pause after some milliseconds each. */
  *learn(): Generator<void> {
    while (this.learnedYet() === null) yield;
  }

  /** @returns null where nothing that was measured says anything of it */
  predict(workload: Workload): Prediction | null {
    let learned = this.learnedYet();
    while (learned === null) learned = this.learnedYet();
    return predictionOf(workload, this.analyses.of(workload), learned);
  }

  /** After one more part of what there is to learn; null until all is. */
  private learnedYet(): Learned | null {
    if (this.learned) return this.learned;
    const { done, value } = this.learning.next();
    if (done === true) this.learned = value;
    return this.learned;
  }
}

function* learn(
  measured: readonly Observation[],
  analyses: WorkloadAnalyses,
  model: RuntimeModel,
): Generator<void, Learned> {
  const observations = measured.map((one) => ({ ...one, costs: usableCosts(one.costs) }));
  const trusts = trustIn(observations);
  const known: Known[] = [];
  for (const [index, observation] of observations.entries()) {
    known.push(knownOf(observation, analyses.of(observation.workload), trusts[index] ?? TRUSTED));
    yield;
  }
  const times = model.times(known.map(({ step }) => step));
  for (const architecture of new Set(known.map((one) => one.architecture))) {
    times.learn(architecture);
    yield;
  }
  const timeErrors = yield* findResiduals(
    known,
    ({ step }) => step.stepSeconds,
    (left) => {
      const rest = times.without(new Set(left.map(({ step }) => step)));
      return left.map(({ architecture, step }) => total(rest.secondsOf(architecture, step.works)));
    },
  );
  const memory = yield* learnMemory(
    known.map(({ extent, peak }) => ({ ...peak, extent })),
    model.steps,
  );
  const loads = known.flatMap(({ extent, loading }) => (loading ? [{ ...loading, extent }] : []));
  const loading = loads.length === 0 ? null : yield* learnMemory(loads, model.loading);
  return { known, times, timeErrors: centred(timeErrors), memory, loading };
}

function* learnMemory(peaks: readonly (MeasuredPeak & Example)[], law: MemoryLaw): Generator<void, LearnedMemory> {
  const model = new PeakMemory(peaks, law);
  const errors = yield* findResiduals(
    peaks,
    ({ peakRssBytes }) => peakRssBytes,
    (left) => {
      const rest = model.without(new Set(left));
      return left.map(({ architecture, network, basis }) => rest.bytesOf(architecture, network, basis));
    },
  );
  return { model, errors };
}

function knownOf(observation: Observation, { works, memory }: WorkloadAnalysis, trust: Trust): Known {
  const { workload, costs, stepSeconds, peakRssBytes, loadingPeakRssBytes } = observation;
  const { architecture } = workload;
  const network = networkKey(workload);
  const traced = costs && { works: measuredWork(costs, batchCounts(workload)), stepSeconds, trust: trust.trace };
  return {
    network,
    architecture,
    extent: extentOf(workload),
    observation,
    step: { architecture, works, traced, stepSeconds, phaseSeconds: phasesOf(observation), trust: trust.step },
    peak: { architecture, network, basis: memory, peakRssBytes },
    loading:
      loadingPeakRssBytes === null ? null : { architecture, network, basis: memory, peakRssBytes: loadingPeakRssBytes },
  };
}

function phasesOf({ forwardSeconds, backwardSeconds, optimizerSeconds }: Observation): PhaseSeconds {
  return { forward: forwardSeconds, backward: backwardSeconds ?? 0, optimizer: optimizerSeconds ?? 0 };
}

function predictionOf(workload: Workload, { works, memory }: WorkloadAnalysis, learned: Learned): Prediction | null {
  const { architecture } = workload;
  const network = networkKey(workload);
  const asked = { network, architecture, extent: extentOf(workload) };
  const { support, isInReach, own } = standingOf(asked, learned.known);
  // Errors made within reach say nothing of what lies further away.
  const errorsOf = isInReach ? support : 'unmeasured';
  const factor = support === 'unmeasured' ? learned.timeErrors.unmeasuredFactor : 1;
  const seconds = scaled(learned.times.secondsOf(architecture, works), factor);
  if (!(total(seconds) > 0)) return null;
  const isTraining = workload.applicationType === 'training';
  const closest = (own.length > 0 ? own : learned.known).map(({ observation }) => observation);
  const baselineRssBytes = median(closest.map((one) => one.baselineRssBytes));
  const peakOf = ({ model, errors }: LearnedMemory): Interval =>
    atLeast(baselineRssBytes, intervalOf(model.bytesOf(architecture, network, memory), errorsOf, errors));
  const peaks = [learned.memory, ...(learned.loading ? [learned.loading] : [])];
  const files = median(closest.map((one) => one.fileRssBytes ?? 0));
  return {
    kind: support === 'inside' ? 'interpolated' : 'predicted',
    support,
    stepSeconds: intervalOf(total(seconds), errorsOf, learned.timeErrors.residuals),
    forwardSeconds: seconds.forward,
    backwardSeconds: isTraining ? seconds.backward : null,
    optimizerSeconds: isTraining ? seconds.optimizer : null,
    peakRssBytes: peakOf(learned.memory),
    baselineRssBytes,
    neededBytes: noMoreThan(leastOfLarger(asked, own), lessBy(files, highest(peaks.map(peakOf)))),
    timeTrials: trialsOf(errorsOf, learned.timeErrors.residuals),
    memoryTrials: Math.min(...peaks.map(({ errors }) => trialsOf(errorsOf, errors))),
    cpuPeakPercent: median(closest.map(({ cpuPeakPercent }) => cpuPeakPercent)),
    proposal: proposalFor(workload, support),
  };
}

/** No process peaks below what it held before it began. */
function atLeast(least: number, { low, central, high }: Interval): Interval {
  return { low: Math.max(least, low), central: Math.max(least, central), high: Math.max(least, high) };
}

/** What was needed, at the least, by measured workloads of the same network that are nowhere smaller; infinite where none is. */
function leastOfLarger({ network, extent }: Example, own: readonly Known[]): number {
  const larger = own.filter((known) => known.network === network && isNowhereSmaller(known.extent, extent));
  return Math.min(Infinity, ...larger.map(({ observation }) => neededBytes(observation)));
}

/** Of what may be the highest, each end the highest. */
function highest(intervals: readonly Interval[]): Interval {
  const most = (end: keyof Interval): number => Math.max(...intervals.map((interval) => interval[end]));
  return { low: most('low'), central: most('central'), high: most('high') };
}

function lessBy(bytes: number, { low, central, high }: Interval): Interval {
  return { low: low - bytes, central: central - bytes, high: high - bytes };
}

function scaled({ forward, backward, optimizer }: PhaseSeconds, factor: number): PhaseSeconds {
  return { forward: factor * forward, backward: factor * backward, optimizer: factor * optimizer };
}

function total({ forward, backward, optimizer }: PhaseSeconds): number {
  return forward + backward + optimizer;
}

/** Of a network that was never measured any workload tells most, so that a cheap one is to be measured first. */
function proposalFor(workload: Workload, support: Support): Workload | null {
  const smallest = workload.applicationType === 'training' ? 2 : 1;
  return support === 'unmeasured' && workload.batchSize > smallest ? { ...workload, batchSize: smallest } : null;
}
