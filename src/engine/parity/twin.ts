import { moduleMultiplyAccumulates, multiplyAccumulates } from '../graph/costs.js';
import type { InferenceAnswer } from '../training/inference.js';
import { Inference } from '../training/inference.js';
import { buildInferenceGraph } from '../training/inference-graph.js';
import type { LoadRepeatable } from '../training/step-times.js';
import { timeRuns, tracePhases, upperMedian } from '../training/step-times.js';
import { syntheticBatch } from '../training/synthetic-batch.js';
import type { TrainingGraph } from '../training/training-graph.js';
import { buildTrainingGraph } from '../training/training-graph.js';
import type { Initializer } from '../training/training-step.js';
import { TrainingStep } from '../training/training-step.js';
import type { Architecture } from '../zoo/architecture.js';
import type { NetworkOptions } from '../zoo/description.js';
import { networkTensors } from '../zoo/facts.js';
import { architectureNamed } from '../zoo/catalogue.js';
import type { NetworkIdentity, StepCase, TimedRuns } from './document.js';
import { stepDocument, tablesDocument } from './document.js';
import type { StepDocument, TablesDocument } from './document-types.js';
import { fillInto } from '../synthetic/fill.js';

/** Learning rate of timed steps, as in the reference. */
const TIMED_LEARNING_RATE = 1e-6;

/** What the twin of the PyTorch reference is asked for. */
export interface TwinRequest {
  readonly network: NetworkIdentity;
  readonly options: NetworkOptions;
  readonly stepCase: StepCase;
  readonly threads: number;
  readonly gradients: boolean;
  readonly inference: boolean;
  /** Timed repetitions; 0: none. */
  readonly timedRuns: number;
  /** Highest resident set of the process so far. */
  readonly peakRssBytes: () => number;
}

/** Every parameter and buffer of a network. */
export function twinTables(network: NetworkIdentity, options: NetworkOptions): TablesDocument {
  const tensors = networkTensors(network.architecture, options);
  return tablesDocument(
    network,
    tensors.filter(({ kind }) => kind === 'parameter'),
    tensors.filter(({ kind }) => kind === 'buffer'),
  );
}

/** One training step with the reference's weights, images and targets, as the reference prints it. */
export async function twinStep(request: TwinRequest): Promise<StepDocument> {
  const { network, options, stepCase, threads } = request;
  const { batch, imageSize, objects, seed } = stepCase;
  const architecture = architectureNamed(network.architecture);
  const initialize: Initializer = ({ name, shape }, into) => fillInto(into, name, shape, seed);
  const data = syntheticBatch(architecture, options.numClasses, { batch, imageSize, seed }, objects);
  const inferenceGraph = buildInferenceGraph(architecture, options, batch, imageSize, null);
  const loadInference = (tracePrefix?: string): Promise<Inference> =>
    Inference.create(inferenceGraph, data.images, initialize, sessionOptions(threads, tracePrefix));

  let answer: InferenceAnswer | null = null;
  if (request.inference) {
    const inference = await loadInference();
    answer = await inference.run();
    await inference.release();
  }

  const shape = { batchSize: batch, imageSize, objectsPerImage: objects };
  const training = buildTrainingGraph(architecture, options, shape);
  const step = await TrainingStep.create(training, 'gradients', data, initialize, { threads });
  const { losses, positivesPerImage } = await step.run(0);
  const gradients = new Map(
    [...training.gradients.keys()].flatMap(({ name }) => {
      const gradient = step.gradient(name);
      return gradient ? [[name, gradient] as const] : [];
    }),
  );
  await step.release();

  // Timed steps do what training does: values are dropped out, and masks are computed of the positives alone, however few
  // there are.
  const planted =
    training.maskPlacesPerImage === null
      ? null
      : { positivesPerImage: Math.max(1, Math.round(positivesPerImage ?? 0)) };
  const timed = buildTrainingGraph(architecture, options, shape, planted, 'on');
  const loadTraining = (tracePrefix?: string): Promise<TrainingStep> =>
    TrainingStep.create(timed, 'updates', data, initialize, sessionOptions(threads, tracePrefix));
  const times = request.timedRuns > 0 ? await timesOf(request, loadTraining, loadInference) : null;
  return stepDocument({
    network,
    stepCase,
    parameters: networkTensors(network.architecture, options).filter(({ kind }) => kind === 'parameter'),
    forwardMultiplyAccumulates: forwardMultiplyAccumulates(
      architecture,
      training,
      Math.round((positivesPerImage ?? 0) * batch) / batch,
    ),
    losses: new Map(Object.entries(losses)),
    gradients,
    printGradients: request.gradients,
    inference: answer,
    times,
  });
}

/** Of masks, PyTorch computes as many as there are positives, and this engine a fixed number. */
function forwardMultiplyAccumulates(
  { maskModules }: Architecture,
  { graph, maskPlacesPerImage }: TrainingGraph,
  positivesPerImage: number,
): number {
  const all = multiplyAccumulates(graph);
  if (maskPlacesPerImage === null) return all;
  return all - moduleMultiplyAccumulates(graph, maskModules) * (1 - positivesPerImage / maskPlacesPerImage);
}

function sessionOptions(threads: number, tracePrefix?: string): { threads: number; tracePrefix?: string } {
  return tracePrefix === undefined ? { threads } : { threads, tracePrefix };
}

async function timesOf(
  { timedRuns, threads, peakRssBytes }: TwinRequest,
  loadTraining: (tracePrefix?: string) => Promise<TrainingStep>,
  loadInference: (tracePrefix?: string) => Promise<Inference>,
): Promise<TimedRuns> {
  const withRate: LoadRepeatable = async (tracePrefix) => {
    const step = await loadTraining(tracePrefix);
    return {
      run: () => step.run(TIMED_LEARNING_RATE),
      endTrace: () => step.endTrace(),
      release: () => step.release(),
    };
  };
  const step = await withRate();
  const stepSeconds = upperMedian(await timeRuns(step, timedRuns));
  const peak = peakRssBytes();
  await step.release();
  const { shares } = await tracePhases(withRate, stepSeconds, {
    warmups: 1,
    counted: Math.min(timedRuns, 5),
    further: 0,
  });
  const inference = await loadInference();
  const inferenceSeconds = upperMedian(await timeRuns(inference, timedRuns));
  await inference.release();
  return {
    forwardSeconds: stepSeconds * shares.forward,
    backwardSeconds: stepSeconds * shares.backward,
    optimizerSeconds: stepSeconds * shares.optimizer,
    inferenceSeconds,
    runs: timedRuns,
    threads,
    peakRssBytes: peak,
  };
}
