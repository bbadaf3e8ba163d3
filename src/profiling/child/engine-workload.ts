import { fillInto } from '../../engine/synthetic/fill.js';
import { syntheticImages } from '../../engine/synthetic/batch.js';
import type { SessionOptions } from '../../engine/runtime/session.js';
import type { RunTrace } from '../../engine/runtime/trace.js';
import { inferenceCosts, trainingCosts } from '../../engine/training/step-costs.js';
import type { InferenceAnswer } from '../../engine/training/inference.js';
import { Inference, lowerInference } from '../../engine/training/inference.js';
import { buildInferenceGraph } from '../../engine/training/inference-graph.js';
import type { Initializer } from '../../engine/training/training-step.js';
import { TrainingStep, lowerStep } from '../../engine/training/training-step.js';
import { syntheticBatch } from '../../engine/training/synthetic-batch.js';
import { buildTrainingGraph } from '../../engine/training/training-graph.js';
import { plannedInferenceBytes, plannedTrainingBytes } from '../../engine/training/memory-plan.js';
import { architectureNamed } from '../../engine/zoo/catalogue.js';
import type { ReachedCounts } from '../../profiles/measurement.js';
import type { OperatorCost } from '../../profiles/step-trace.js';
import type { Workload } from '../../profiles/workload.js';
import { operatorCosts } from './operator-costs.js';
import { assertFinite } from './finite-losses.js';
import type { Outcome } from './runtime.js';

/** What one repetition of a workload gave. */
export type EngineOutcome = Pick<Outcome, 'losses' | 'reached'>;

/** A workload loaded into onnxruntime. */
export interface LoadedEngineWorkload {
  /** One training step, or one inference, of the whole batch. */
  run(): Promise<EngineOutcome>;
  endTrace(): void;
  release(): Promise<void>;
}

/** A workload whose graph is built: its memory is known, nothing has run. */
export interface EngineWorkload {
  readonly plannedPeakBytes: number;
  /** What the network's operators took of a traced run. */
  costsOf(run: RunTrace): Promise<readonly OperatorCost[]>;
  load(options: SessionOptions): Promise<LoadedEngineWorkload>;
  /** The forward pass of a training step alone; of an inference, which is nothing else, null. */
  readonly loadForward: ((options: SessionOptions) => Promise<LoadedEngineWorkload>) | null;
}

const SEED = 0;
/** Drawn into the classes of pixels, on which the time of a step does not depend. */
const OBJECTS_THAT_COST_NOTHING = 3;
/**
 * With random weights a usual rate reaches NaN within 20 steps. At 0 all the arithmetic is done, and nothing moves but
 * the running statistics.
 */
const LEARNING_RATE = 0;

const initialize: Initializer = ({ name, shape }, into) => fillInto(into, name, shape, SEED);

/** Builds the graph of a workload, with synthetic images and targets. */
export async function buildWorkload(workload: Workload): Promise<EngineWorkload> {
  return workload.applicationType === 'training' ? prepareTraining(workload) : prepareInference(workload);
}

async function prepareTraining(workload: Workload): Promise<EngineWorkload> {
  const { batchSize, imageSize, options } = workload;
  const { objectsPerImage } = workload;
  const objects = objectsPerImage ?? OBJECTS_THAT_COST_NOTHING;
  const architecture = architectureNamed(workload.architecture);
  const training = buildTrainingGraph(
    architecture,
    options,
    { batchSize, imageSize, objectsPerImage: objects },
    { positivesPerImage: workload.positivesPerImage },
    'on',
  );
  const load = async (result: 'updates' | 'forward', sessionOptions: SessionOptions): Promise<LoadedEngineWorkload> => {
    const synthetic = { batch: batchSize, imageSize, seed: SEED };
    const step = await TrainingStep.create(
      training,
      result,
      syntheticBatch(architecture, options.numClasses, synthetic, objects),
      initialize,
      sessionOptions,
    );
    return {
      run: async () => {
        const { losses, positivesPerImage } = await step.run(LEARNING_RATE);
        assertFinite(losses);
        return {
          losses,
          reached: { objectsPerImage, positivesPerImage, candidatesPerImage: null, detectionsPerImage: null },
        };
      },
      endTrace: () => step.endTrace(),
      release: () => step.release(),
    };
  };
  return {
    plannedPeakBytes: plannedTrainingBytes(await lowerStep(training, 'updates'), workload.threads),
    // Lowered again: a model that is kept until then would count in the peak that is measured meanwhile.
    costsOf: async (run) => operatorCosts(run, await lowerStep(training, 'updates'), trainingCosts(training)),
    load: (sessionOptions) => load('updates', sessionOptions),
    loadForward: (sessionOptions) => load('forward', sessionOptions),
  };
}

function prepareInference(workload: Workload): EngineWorkload {
  const { batchSize, imageSize, options } = workload;
  const { candidatesPerImage, detectionsPerImage } = workload;
  const planted =
    candidatesPerImage === null || detectionsPerImage === null ? null : { candidatesPerImage, detectionsPerImage };
  const graph = buildInferenceGraph(architectureNamed(workload.architecture), options, batchSize, imageSize, planted);
  return {
    plannedPeakBytes: plannedInferenceBytes(lowerInference(graph), workload.threads),
    loadForward: null,
    costsOf: (run) => Promise.resolve(operatorCosts(run, lowerInference(graph), inferenceCosts(graph))),
    load: async (sessionOptions) => {
      const images = syntheticImages({ batch: batchSize, imageSize, seed: SEED });
      const inference = await Inference.create(graph, images, initialize, sessionOptions);
      return {
        run: async () => {
          return { losses: null, reached: reachedBy(await inference.run()) };
        },
        endTrace: () => inference.endTrace(),
        release: () => inference.release(),
      };
    },
  };
}

function reachedBy(answer: InferenceAnswer): ReachedCounts {
  const nothing = { objectsPerImage: null, positivesPerImage: null };
  if (answer.kind === 'scores') return { ...nothing, candidatesPerImage: null, detectionsPerImage: null };
  const mean = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return {
    ...nothing,
    candidatesPerImage: mean(answer.images.map(({ candidates }) => candidates)),
    detectionsPerImage: mean(answer.images.map(({ scores }) => scores.length)),
  };
}
