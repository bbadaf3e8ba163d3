import type { Graph } from '../src/engine/graph/graph.js';
import { fillInto } from '../src/engine/synthetic/fill.js';
import { Inference } from '../src/engine/training/inference.js';
import type { InferenceGraph } from '../src/engine/training/inference-graph.js';
import { buildInferenceGraph } from '../src/engine/training/inference-graph.js';
import type { LoadRepeatable } from '../src/engine/training/step-times.js';
import { syntheticBatch } from '../src/engine/training/synthetic-batch.js';
import type { TrainingGraph } from '../src/engine/training/training-graph.js';
import { buildTrainingGraph } from '../src/engine/training/training-graph.js';
import type { BatchData, Initializer } from '../src/engine/training/training-step.js';
import { TrainingStep } from '../src/engine/training/training-step.js';
import { hasMasks } from '../src/engine/zoo/architecture.js';
import { architectureNamed } from '../src/engine/zoo/catalogue.js';
import type { BenchCase } from './bench-case.js';

/** Training or inference of a case: its graph before lowering, and how it is brought into the runtime. */
export interface Work {
  readonly graph: Graph;
  readonly load: LoadRepeatable;
}

/** As PyTorch's in the reference. */
const LEARNING_RATE = 1e-6;

const initialize: Initializer = ({ name, shape }, into) => fillInto(into, name, shape, 0);

export function trainingGraphOf({ architecture: name, options, ...batch }: BenchCase): TrainingGraph {
  const architecture = architectureNamed(name);
  const shape = { batchSize: batch.batch, imageSize: batch.imageSize, objectsPerImage: batch.objects };
  const planted = hasMasks(architecture) ? { positivesPerImage: batch.positives } : null;
  return buildTrainingGraph(architecture, options, shape, planted, 'on');
}

export function inferenceGraphOf({ architecture, options, batch, imageSize }: BenchCase): InferenceGraph {
  return buildInferenceGraph(architectureNamed(architecture), options, batch, imageSize, null);
}

/** @param result `forward`: the forward pass alone, losses and running statistics included */
export function trainingOf(benchCase: BenchCase, result: 'updates' | 'forward' = 'updates'): Work {
  const training = trainingGraphOf(benchCase);
  const data = dataOf(benchCase);
  const load: LoadRepeatable = async (tracePrefix) => {
    const step = await TrainingStep.create(training, result, data, initialize, sessionOf(benchCase, tracePrefix));
    return { run: () => step.run(LEARNING_RATE), endTrace: () => step.endTrace(), release: () => step.release() };
  };
  return { graph: training.graph, load };
}

export function inferenceOf(benchCase: BenchCase): Work {
  const inference = inferenceGraphOf(benchCase);
  const { images } = dataOf(benchCase);
  const load: LoadRepeatable = (tracePrefix) =>
    Inference.create(inference, images, initialize, sessionOf(benchCase, tracePrefix));
  return { graph: inference.graph, load };
}

function dataOf({ architecture, options, batch, imageSize, objects }: BenchCase): BatchData {
  return syntheticBatch(architectureNamed(architecture), options.numClasses, { batch, imageSize, seed: 0 }, objects);
}

function sessionOf({ threads }: BenchCase, tracePrefix: string | undefined) {
  return tracePrefix === undefined ? { threads } : { threads, tracePrefix };
}
