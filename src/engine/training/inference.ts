import type { Value } from '../graph/node.js';
import type { ConstantTensor } from '../graph/tensor.js';
import { lowerNamed } from '../lowering/lower.js';
import type { ModelContent } from '../onnx/write-model.js';
import { writeModel } from '../onnx/write-model.js';
import type { SessionOptions, Tensor } from '../runtime/session.js';
import { Session, float32Data, float32Tensor, int64Data } from '../runtime/session.js';
import type { InferenceResult } from '../zoo/architecture.js';
import type { InferenceGraph } from './inference-graph.js';
import { INFERENCE_NAMES } from './inference-graph.js';
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

/** The network in the runtime's operators. */
export function lowerInference({ graph, result }: InferenceGraph): ModelContent {
  return lowerNamed(graph, wantedOf(result), { constantWeights: true, channelBlock: null });
}

/** What a run gives, by its name. */
function wantedOf(result: InferenceResult): ReadonlyMap<string, Value> {
  const wanted = new Map<string, Value>(INFERENCE_NAMES.outputs.map((name) => [name, result[name]]));
  if (result.masks) wanted.set(INFERENCE_NAMES.masks, result.masks);
  return wanted;
}

/** A network in evaluation mode in the runtime. Its weights are part of the model, so that the runtime can prepare them. */
export class Inference {
  private constructor(
    private readonly session: Session,
    private readonly images: Tensor,
    private readonly outputNames: readonly string[],
  ) {}

  static async create(
    { graph, state, result }: InferenceGraph,
    images: Float32Array,
    initialize: Initializer,
    options: SessionOptions,
  ): Promise<Inference> {
    const wanted = wantedOf(result);
    const lowered = lowerInference({ graph, state, result });
    const initializers = new Map<Value, ConstantTensor>();
    const weights = new Map(state.map((tensor) => [tensor.name, tensor]));
    for (const input of lowered.graph.inputs) {
      const tensor = weights.get(input.name);
      if (tensor) initializers.set(input, { dataType: 'float32', shape: tensor.shape, data: initialize(tensor) });
    }
    const session = await Session.create(writeModel({ ...lowered, initializers }), options);
    const input = graph.inputs.find((value) => value.name === INFERENCE_NAMES.images);
    return new Inference(session, float32Tensor(images, (input?.shape ?? []) as readonly number[]), [...wanted.keys()]);
  }

  /** One inference of the whole batch. */
  async run(): Promise<readonly Detections[]> {
    const into = Object.fromEntries(this.outputNames.map((name) => [name, null]));
    const results = await this.session.run({ [INFERENCE_NAMES.images]: this.images }, into);
    const scores = float32Data(results.scores, 'scores');
    const boxes = float32Data(results.boxes, 'boxes');
    const labels = int64Data(results.labels, 'labels');
    const candidates = float32Data(results.candidates, 'candidates');
    const counts = float32Data(results.detections, 'detections');
    const masks = results.masks ? float32Data(results.masks, 'masks') : null;
    const limit = scores.length / counts.length;
    const maskPixels = masks ? masks.length / (counts.length * limit) : 0;
    return Array.from(counts, (count, image) => {
      const [start, end] = [image * limit, image * limit + count];
      return {
        scores: scores.slice(start, end),
        labels: labels.slice(start, end),
        boxes: boxes.slice(start * 4, end * 4),
        candidates: candidates[image] ?? 0,
        masks: masks?.subarray(start * maskPixels, end * maskPixels) ?? null,
      };
    });
  }

  endTrace(): void {
    this.session.endTrace();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}
