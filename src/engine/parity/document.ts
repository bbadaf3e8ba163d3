import { signedSum } from '../synthetic/hash.js';
import type { Detections, InferenceAnswer } from '../training/inference.js';
import type { NetworkTensor } from '../zoo/facts.js';
import type {
  Answer,
  DetectionAnswer,
  DocumentHead,
  StepDocument,
  DocumentTimes,
  TablesDocument,
  TensorEntry,
} from './document-types.js';

/** A network, and the software that runs it. */
export interface NetworkIdentity {
  /** torchvision's name. */
  readonly architecture: string;
  readonly weightsBackbone: 'none' | 'default';
  /** Version of this project. */
  readonly engineVersion: string;
  readonly onnxruntimeVersion: string;
}

/** Which step was run. */
export interface StepCase {
  readonly batch: number;
  /** `[height, width]` in pixels, before the network's own resizing. */
  readonly imageSize: readonly [height: number, width: number];
  /** Sides that the network resizes to, as asked for; null where nothing was asked for, or the network has one size. */
  readonly minSize: number | null;
  readonly maxSize: number | null;
  readonly objects: number;
  readonly seed: number;
}

/** Medians of the timed runs. */
export interface TimedRuns {
  readonly forwardSeconds: number;
  readonly backwardSeconds: number;
  readonly optimizerSeconds: number;
  readonly inferenceSeconds: number;
  readonly runs: number;
  readonly threads: number;
  /** Peak resident set of the process up to the last step. */
  readonly peakRssBytes: number;
}

/** All that a step produced: what is printed is computed from it. */
export interface StepInput {
  readonly network: NetworkIdentity;
  readonly stepCase: StepCase;
  /** Without buffers. */
  readonly parameters: readonly NetworkTensor[];
  /** Multiply-accumulates of the convolutions and linear layers of the forward pass over the whole batch. */
  readonly forwardMultiplyAccumulates: number;
  /** In torchvision's order. */
  readonly losses: ReadonlyMap<string, number>;
  /** Gradient of the losses' sum by each parameter that trains, C order, in the parameters' order. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Whether norm and projection of each gradient are printed. */
  readonly printGradients: boolean;
  /** Answer in evaluation mode, computed before the step; null where it was not asked for. */
  readonly inference: InferenceAnswer | null;
  /** Null where times were not asked for. */
  readonly times: TimedRuns | null;
}

/** A loss or gradient is not a finite number, and JSON has no way to say so. */
export class NonFiniteFigureError extends Error {
  readonly code = 'NON_FINITE_FIGURE';

  constructor(what: string, value: number) {
    super(`${what} is ${String(value)}; a step of finite weights and images gives finite losses and gradients.`);
    this.name = 'NonFiniteFigureError';
  }
}

const DETECTIONS_SHOWN = 5;
const SCORES_SHOWN = 8;
const BYTES_PER_MEBIBYTE = 2 ** 20;

/** Parameters first, then buffers, each in the order of the state dictionary. */
export function tablesDocument(
  network: NetworkIdentity,
  parameters: readonly NetworkTensor[],
  buffers: readonly NetworkTensor[],
): TablesDocument {
  const entry = ({ name, shape, kind, trains }: NetworkTensor): TensorEntry => ({ name, shape, kind, trains });
  return {
    ...head(network),
    ...elementCounts(parameters),
    tensors: [...parameters, ...buffers].map(entry),
  };
}

/**
 * The figures of one step.
 *
 * @throws NonFiniteFigureError
 */
export function stepDocument(input: StepInput): StepDocument {
  const { stepCase, losses, gradients } = input;
  const total = sum(losses.values());
  requireFinite('The total loss', total);
  const norms = new Map([...gradients].map(([name, gradient]) => [name, euclideanNorm(gradient)]));
  for (const [name, norm] of norms) requireFinite(`The norm of the gradient of "${name}"`, norm);
  return {
    ...head(input.network),
    batch: stepCase.batch,
    image_size: stepCase.imageSize,
    min_size: stepCase.minSize,
    max_size: stepCase.maxSize,
    objects: stepCase.objects,
    seed: stepCase.seed,
    ...elementCounts(input.parameters),
    forward_gmacs: rounded(input.forwardMultiplyAccumulates / 1e9, 6),
    losses: Object.fromEntries(losses),
    total,
    gradient_norm: euclideanNorm([...norms.values()]),
    ...(input.printGradients ? { gradients: gradientFigures(gradients, norms, stepCase.seed) } : {}),
    ...(input.inference ? { inference: answerOf(input.inference) } : {}),
    ...(input.times ? documentTimes(input.times) : {}),
  };
}

function head(network: NetworkIdentity): DocumentHead {
  return {
    architecture: network.architecture,
    weights_backbone: network.weightsBackbone,
    engine: network.engineVersion,
    onnxruntime: network.onnxruntimeVersion,
  };
}

function elementCounts(
  parameters: readonly NetworkTensor[],
): Pick<TablesDocument, 'parameters' | 'trainable_parameters'> {
  const count = (tensors: readonly NetworkTensor[]): number =>
    sum(tensors.map(({ shape }) => shape.reduce((product, size) => product * size, 1)));
  return { parameters: count(parameters), trainable_parameters: count(parameters.filter(({ trains }) => trains)) };
}

function gradientFigures(
  gradients: ReadonlyMap<string, Float32Array>,
  norms: ReadonlyMap<string, number>,
  seed: number,
): StepDocument['gradients'] {
  return Object.fromEntries(
    [...gradients].map(([name, gradient]) => [
      name,
      { norm: norms.get(name) ?? euclideanNorm(gradient), projection: signedSum(`projection.${name}`, seed, gradient) },
    ]),
  );
}

function answerOf(answer: InferenceAnswer): Answer {
  if (answer.kind === 'detections') return answer.images.map(detectionAnswer);
  const { shape, scores } = answer;
  return { shape, norm: euclideanNorm(scores), first: Array.from(scores.subarray(0, SCORES_SHOWN)) };
}

function detectionAnswer({ scores, labels, boxes, masks }: Detections): DetectionAnswer {
  const shown = Math.min(scores.length, DETECTIONS_SHOWN);
  const coordinates = Array.from(boxes);
  return {
    detections: scores.length,
    scores: Array.from(scores).slice(0, shown),
    labels: Array.from(labels).slice(0, shown).map(Number),
    boxes: Array.from({ length: shown }, (_, i) => coordinates.slice(4 * i, 4 * i + 4)),
    ...(masks ? { mask_sum: sum(masks) } : {}),
  };
}

function documentTimes(times: TimedRuns): DocumentTimes {
  return {
    seconds: {
      forward: times.forwardSeconds,
      backward: times.backwardSeconds,
      optimizer: times.optimizerSeconds,
      inference: times.inferenceSeconds,
      runs: times.runs,
      threads: times.threads,
    },
    peak_rss_mib: rounded(times.peakRssBytes / BYTES_PER_MEBIBYTE, 1),
  };
}

function euclideanNorm(values: Float32Array | readonly number[]): number {
  let squares = 0;
  for (const value of values) squares += value * value;
  return Math.sqrt(squares);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

function requireFinite(what: string, value: number): void {
  if (!Number.isFinite(value)) throw new NonFiniteFigureError(what, value);
}
