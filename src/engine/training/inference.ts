import type { Value } from '../graph/node.js';
import { elementCount, staticShape } from '../graph/tensor.js';
import type { LoweredModel } from '../lowering/lower.js';
import { lowerNamed } from '../lowering/lower.js';
import type { StoredTensor } from '../onnx/write-initializers.js';
import { writeModel } from '../onnx/write-model.js';
import type { SessionOptions, Tensor } from '../runtime/session.js';
import { Session, float32Data, float32Tensor, int64Data } from '../runtime/session.js';
import type { InferenceGraph } from './inference-graph.js';
import { INFERENCE_NAMES, inferenceOutputs } from './inference-graph.js';
import type { Initializer } from './training-step.js';

/** Detections of one image, best first. */
export interface Detections {
  readonly scores: Float32Array;
  readonly labels: BigInt64Array;
  /** `[detections, 4]` as x1, y1, x2, y2 in pixels of the image as given. */
  readonly boxes: Float32Array;
  /** (box, class) pairs that reached non-maximum suppression. */
  readonly candidates: number;
  /** Shares of object in each pixel of the image as given: `[detections, H, W]`; null where the network finds no masks. */
  readonly masks: Float32Array | null;
}

/** What a network answers for a batch: the detections of each image, or scores of classes. */
export type InferenceAnswer =
  | { readonly kind: 'detections'; readonly images: readonly Detections[] }
  | {
      readonly kind: 'scores';
      /** As of ScoreResult. */
      readonly shape: readonly number[];
      /** Overwritten by the next run. */
      readonly scores: Float32Array;
    };

/** The network in the runtime's operators. */
export function lowerInference({ graph, result }: InferenceGraph): LoweredModel {
  return lowerNamed(graph, inferenceOutputs(result), { constantWeights: true, channelBlock: null });
}

/** A network in evaluation mode in the runtime. Its weights are part of the model, so that the runtime can prepare them. */
export class Inference {
  private constructor(
    private readonly session: Session,
    private readonly images: Tensor,
    /** Where outputs go; null where the runtime makes a tensor. */
    private readonly into: Readonly<Record<string, Tensor | null>>,
    private readonly answerOf: (results: Readonly<Record<string, Tensor>>) => InferenceAnswer,
  ) {}

  static async create(
    inference: InferenceGraph,
    images: Float32Array,
    initialize: Initializer,
    options: SessionOptions,
  ): Promise<Inference> {
    const { graph, result } = inference;
    const session = await Session.create(modelOf(inference, initialize), options);
    const input = graph.inputs.find((value) => value.name === INFERENCE_NAMES.images);
    const tensor = float32Tensor(images, (input?.shape ?? []) as readonly number[]);
    if (result.kind === 'detections') {
      const into = Object.fromEntries([...inferenceOutputs(result).keys()].map((name) => [name, null]));
      return new Inference(session, tensor, into, detectionsOf);
    }
    // Scores of every pixel are large: they get one tensor for all runs.
    const shape = staticShape('the scores', result.scores.shape);
    const scores = new Float32Array(elementCount(shape));
    const into: Record<string, Tensor> = { [INFERENCE_NAMES.scores]: float32Tensor(scores, shape) };
    if (result.auxiliary) into[INFERENCE_NAMES.auxiliary] = float32Tensor(new Float32Array(scores.length), shape);
    return new Inference(session, tensor, into, () => ({ kind: 'scores', shape, scores }));
  }

  /** One inference of the whole batch. */
  async run(): Promise<InferenceAnswer> {
    return this.answerOf(await this.session.run({ [INFERENCE_NAMES.images]: this.images }, this.into));
  }

  endTrace(): void {
    this.session.endTrace();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** With its weights; of them nothing else is held when it returns. */
function modelOf(inference: InferenceGraph, initialize: Initializer): Uint8Array {
  const { state, result } = inference;
  const lowered = lowerInference(inference);
  const initializers = new Map<Value, StoredTensor>();
  const weights = new Map(state.map((tensor) => [tensor.name, tensor]));
  for (const input of lowered.graph.inputs) {
    const tensor = weights.get(input.name);
    if (tensor) initializers.set(input, { shape: tensor.shape, fill: (into) => initialize(tensor, into) });
  }
  // Scores get one tensor for all runs.
  return writeModel({ ...lowered, initializers, outputsInPlace: result.kind === 'scores' });
}

/** The results, which hold places for as many detections as there can be, image by image. */
function detectionsOf(results: Readonly<Record<string, Tensor>>): InferenceAnswer {
  const scores = float32Data(results.scores, 'scores');
  const boxes = float32Data(results.boxes, 'boxes');
  const labels = int64Data(results.labels, 'labels');
  const candidates = float32Data(results.candidates, 'candidates');
  const counts = float32Data(results.detections, 'detections');
  const masks = results.masks ? float32Data(results.masks, 'masks') : null;
  const limit = scores.length / counts.length;
  const maskPixels = masks ? masks.length / (counts.length * limit) : 0;
  const images = Array.from(counts, (count, image) => {
    const [start, end] = [image * limit, image * limit + count];
    return {
      scores: scores.slice(start, end),
      labels: labels.slice(start, end),
      boxes: boxes.slice(start * 4, end * 4),
      candidates: candidates[image] ?? 0,
      masks: masks?.subarray(start * maskPixels, end * maskPixels) ?? null,
    };
  });
  return { kind: 'detections', images };
}
