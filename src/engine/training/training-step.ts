import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import { lowerNamed } from '../lowering/lower.js';
import type { StateTensor } from '../nn/network.js';
import type { ModelContent } from '../onnx/write-model.js';
import { writeModel } from '../onnx/write-model.js';
import { channelBlock } from '../runtime/channel-block.js';
import type { SessionOptions, Tensor } from '../runtime/session.js';
import { Session, boolTensor, float32Data, float32Tensor, int64Tensor } from '../runtime/session.js';
import type { PackPlace } from './packs.js';
import { placesOf } from './packs.js';
import type { TrainingGraph } from './training-graph.js';
import { TRAINING_NAMES } from './training-graph.js';

/** Images and targets of one step. */
export interface BatchData {
  /** `[N, 3, H, W]` */
  readonly images: Float32Array;
  readonly targets: TargetData;
}

/** Shapes as of ObjectTargets, Segmenter and Classifier. */
export type TargetData =
  | {
      readonly kind: 'objects';
      readonly boxes: Float32Array;
      readonly labels: BigInt64Array;
      /** Pixels of each object, 1 or 0; null where the network learns no masks. */
      readonly masks: Uint8Array | null;
    }
  | { readonly kind: 'classes'; readonly classes: BigInt64Array };

/** Initial content of a tensor of the network's state. */
export type Initializer = (tensor: StateTensor) => Float32Array;

export interface StepOutcome {
  readonly losses: Readonly<Record<string, number>>;
  /** Null where there are no boxes. */
  readonly positivesPerImage: number | null;
}

/** What a step leaves behind. */
export type StepResult = 'gradients' | 'updates';

/** The step in the runtime's operators, giving either the gradients or the updated state. */
export async function lowerStep(
  { graph, results, gradients, updates }: TrainingGraph,
  result: StepResult,
): Promise<ModelContent> {
  const wanted = new Map(results);
  if (result === 'gradients') {
    for (const [{ name }, gradient] of gradients) wanted.set(TRAINING_NAMES.gradient(name), gradient);
  } else {
    for (const [state, update] of updates) wanted.set(TRAINING_NAMES.updated(state.name), update);
  }
  return lowerNamed(graph, wanted, { constantWeights: false, channelBlock: await channelBlock() });
}

/**
 * A training step in the runtime, with the state that it moves.
 *
 * onnxruntime writes outputs into given tensors, but does not know when one of them is an input too; so a changing tensor
 * has two buffers, read from one and written to the other, which trade places after the step. Velocities need but one:
 * the new velocity is a sum with the product that alone reads the old one, which is done by then.
 */
export class TrainingStep {
  private constructor(
    private readonly session: Session,
    private readonly lossNames: readonly string[],
    private readonly countsPositives: boolean,
    private readonly batch: Readonly<Record<string, Tensor>>,
    private current: Record<string, Tensor>,
    private next: Record<string, Tensor>,
    private readonly constants: Readonly<Record<string, Tensor>>,
    private readonly gradients: Readonly<Record<string, Tensor>>,
    private readonly places: ReadonlyMap<string, PackPlace>,
  ) {}

  static async create(
    training: TrainingGraph,
    result: StepResult,
    batch: BatchData,
    initialize: Initializer,
    options: SessionOptions,
  ): Promise<TrainingStep> {
    const current: Record<string, Tensor> = {};
    const next: Record<string, Tensor> = {};
    const constants: Record<string, Tensor> = {};
    const place = ({ name, shape }: Value, changes: boolean, data: Float32Array): void => {
      const sizes = staticShape(name, shape);
      (changes ? current : constants)[name] = float32Tensor(data, sizes);
      if (changes) next[name] = zeros(sizes);
    };
    const updated = result === 'updates' ? training.updates : new Map<Value, Value>();
    const places = placesOf(training.packs);
    for (const tensor of training.state) {
      if (tensor.value && !places.has(tensor.name)) place(tensor.value, updated.has(tensor.value), initialize(tensor));
    }
    for (const { input, tensors } of training.packs) place(input, updated.has(input), joined(tensors.map(initialize)));
    for (const { name, shape } of updated.size > 0 ? training.velocities : []) {
      const tensor = zeros(staticShape(name, shape));
      current[name] = tensor;
      next[name] = tensor;
    }
    const gradients = Object.fromEntries(
      result === 'gradients'
        ? [...training.gradients.keys()].map(({ name, shape }) => [TRAINING_NAMES.gradient(name), zeros(shape)])
        : [],
    );
    // Lowering has written what is fast, weights are no constants, and there are thousands of nodes: rewriting them takes
    // up to ten times as long as loading them, and steps are then as long as before.
    const session = await Session.create(writeModel(await lowerStep(training, result)), options, 'none');
    return new TrainingStep(
      session,
      training.lossNames,
      training.results.has(TRAINING_NAMES.positivesPerImage),
      batchTensors(training.graph, batch),
      current,
      next,
      constants,
      gradients,
      places,
    );
  }

  /** One step on the batch. A learning rate of 0 computes everything and moves no parameter. */
  async run(learningRate: number): Promise<StepOutcome> {
    const into: Record<string, Tensor | null> = { ...this.gradients };
    if (this.countsPositives) into[TRAINING_NAMES.positivesPerImage] = null;
    for (const name of this.lossNames) into[TRAINING_NAMES.loss(name)] = null;
    for (const [name, tensor] of Object.entries(this.next)) into[TRAINING_NAMES.updated(name)] = tensor;
    const rate: Record<string, Tensor> =
      Object.keys(this.next).length > 0 ? { [TRAINING_NAMES.learningRate]: scalar(learningRate) } : {};
    const results = await this.session.run({ ...this.constants, ...this.current, ...this.batch, ...rate }, into);
    [this.current, this.next] = [this.next, this.current];
    const number = (name: string): number => at([...float32Data(results[name], name)], 0);
    return {
      losses: Object.fromEntries(this.lossNames.map((name) => [name, number(TRAINING_NAMES.loss(name))])),
      positivesPerImage: this.countsPositives ? number(TRAINING_NAMES.positivesPerImage) : null,
    };
  }

  /** Gradient of a parameter after a step that was asked for gradients; undefined where it has none. */
  gradient(parameter: string): Float32Array | undefined {
    const name = TRAINING_NAMES.gradient(parameter);
    const tensor = this.gradients[name];
    return tensor && float32Data(tensor, name);
  }

  /** Present content of a tensor of the state. */
  state(name: string): Float32Array {
    const { pack, start, end } = this.places.get(name) ?? { pack: name };
    return float32Data(this.current[pack] ?? this.constants[pack], name).subarray(start, end);
  }

  endTrace(): void {
    this.session.endTrace();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** @throws TypeError where the targets are not of the network's kind */
function batchTensors(graph: Graph, { images, targets }: BatchData): Record<string, Tensor> {
  const shapes = new Map(graph.inputs.map(({ name, shape }) => [name, staticShape(name, shape)]));
  const tensor = <Data>(name: string, make: (data: Data, shape: readonly number[]) => Tensor, data: Data) => {
    const shape = shapes.get(name);
    if (!shape) throw new TypeError(`this network takes no "${name}"`);
    return { [name]: make(data, shape) };
  };
  return {
    ...tensor(TRAINING_NAMES.images, float32Tensor, images),
    ...(targets.kind === 'classes'
      ? tensor(TRAINING_NAMES.classes, int64Tensor, targets.classes)
      : {
          ...tensor(TRAINING_NAMES.boxes, float32Tensor, targets.boxes),
          ...tensor(TRAINING_NAMES.labels, int64Tensor, targets.labels),
          ...(targets.masks ? tensor(TRAINING_NAMES.masks, boolTensor, targets.masks) : {}),
        }),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

function zeros(shape: readonly number[]): Tensor {
  return float32Tensor(new Float32Array(elementCount(shape)), shape);
}

function scalar(value: number): Tensor {
  return float32Tensor(Float32Array.of(value), []);
}
