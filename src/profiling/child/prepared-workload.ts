import { fillTensor } from '../../engine/synthetic/fill.js';
import { syntheticImages, syntheticMasks, syntheticTargets } from '../../engine/synthetic/batch.js';
import type { SessionOptions } from '../../engine/runtime/session.js';
import { Inference, lowerInference } from '../../engine/training/inference.js';
import { buildInferenceGraph } from '../../engine/training/inference-graph.js';
import type { Initializer } from '../../engine/training/training-step.js';
import { TrainingStep, lowerStep } from '../../engine/training/training-step.js';
import { buildTrainingGraph } from '../../engine/training/training-graph.js';
import { plannedPeakBytes } from '../../engine/training/memory-plan.js';
import { hasMasks } from '../../engine/zoo/architecture.js';
import { architectureNamed } from '../../engine/zoo/zoo.js';
import type { ReachedCounts } from '../../profiles/measurement.js';
import type { Workload } from '../../profiles/workload.js';
import { WorkloadError } from './workload-error.js';

/** What one repetition of a workload gave. */
export interface Outcome {
  /** Null for inference. */
  readonly losses: Readonly<Record<string, number>> | null;
  readonly reached: ReachedCounts;
}

/** A workload loaded into the runtime. */
export interface LoadedWorkload {
  /** One training step, or one inference, of the whole batch. */
  run(): Promise<Outcome>;
  endTrace(): void;
  release(): Promise<void>;
}

/** A workload whose graph is built: its memory is known, nothing has run. */
export interface PreparedWorkload {
  readonly plannedPeakBytes: number;
  load(options: SessionOptions): Promise<LoadedWorkload>;
}

const SEED = 0;
/**
 * With random weights a usual rate reaches NaN within 20 steps. At 0 all the arithmetic is done, and nothing moves but
 * the running statistics.
 */
const LEARNING_RATE = 0;

const initialize: Initializer = ({ name, shape }) => fillTensor(name, shape, SEED);

/** Builds the graph of a workload, with synthetic images and targets. */
export async function prepareWorkload(workload: Workload): Promise<PreparedWorkload> {
  return workload.applicationType === 'training' ? prepareTraining(workload) : prepareInference(workload);
}

async function prepareTraining(workload: Workload): Promise<PreparedWorkload> {
  const { batchSize, imageSize, options } = workload;
  const objectsPerImage = countOf(workload, 'objectsPerImage');
  const architecture = architectureNamed(workload.architecture);
  const training = buildTrainingGraph(
    architecture,
    options,
    { batchSize, imageSize, objectsPerImage },
    { positivesPerImage: workload.positivesPerImage },
  );
  return {
    plannedPeakBytes: plannedPeakBytes(await lowerStep(training, 'updates')),
    load: async (sessionOptions) => {
      const synthetic = { batch: batchSize, imageSize, seed: SEED };
      const { boxes, labels } = syntheticTargets(synthetic, objectsPerImage);
      const step = await TrainingStep.create(
        training,
        'updates',
        {
          images: syntheticImages(synthetic),
          boxes,
          labels: BigInt64Array.from(labels, (label) => BigInt(1 + ((label - 1) % (options.numClasses - 1)))),
          masks: hasMasks(architecture) ? syntheticMasks(synthetic, objectsPerImage) : null,
        },
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
    },
  };
}

function prepareInference(workload: Workload): PreparedWorkload {
  const { batchSize, imageSize, options } = workload;
  const graph = buildInferenceGraph(architectureNamed(workload.architecture), options, batchSize, imageSize, {
    candidatesPerImage: countOf(workload, 'candidatesPerImage'),
    detectionsPerImage: countOf(workload, 'detectionsPerImage'),
  });
  return {
    plannedPeakBytes: plannedPeakBytes(lowerInference(graph)),
    load: async (sessionOptions) => {
      const images = syntheticImages({ batch: batchSize, imageSize, seed: SEED });
      const inference = await Inference.create(graph, images, initialize, sessionOptions);
      return {
        run: async () => {
          const answers = await inference.run();
          const mean = (counts: readonly number[]): number =>
            counts.reduce((sum, count) => sum + count, 0) / counts.length;
          return {
            losses: null,
            reached: {
              objectsPerImage: null,
              positivesPerImage: null,
              candidatesPerImage: mean(answers.map(({ candidates }) => candidates)),
              detectionsPerImage: mean(answers.map(({ scores }) => scores.length)),
            },
          };
        },
        endTrace: () => inference.endTrace(),
        release: () => inference.release(),
      };
    },
  };
}

function countOf(workload: Workload, name: 'objectsPerImage' | 'candidatesPerImage' | 'detectionsPerImage'): number {
  const count = workload[name];
  if (count === null) throw new TypeError(`${name} is missing in a workload of ${workload.applicationType}`);
  return count;
}

function assertFinite(losses: Readonly<Record<string, number>>): void {
  for (const [name, loss] of Object.entries(losses)) {
    if (Number.isFinite(loss)) continue;
    throw new WorkloadError({
      code: 'non-finite-loss',
      message: `The loss "${name}" came out as ${loss}; times of steps with such values are not those of a training.`,
    });
  }
}
