import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { at, elementCount, staticShape } from '../graph/tensor.js';
import type { LoweredModel } from '../lowering/lower.js';
import { lowerNamed } from '../lowering/lower.js';
import type { StateTensor } from '../nn/network.js';
import { writeModel } from '../onnx/write-model.js';
import { channelBlock } from '../runtime/channel-block.js';
import type { ExecutionDevice, SessionOptions, Tensor } from '../runtime/session.js';
import { Session, boolTensor, float32Data, float32Tensor, int64Tensor } from '../runtime/session.js';
import { forwardPassOf } from './forward-pass.js';
import { replacedInPlace } from './in-place.js';
import type { PackPlace } from './packs.js';
import { placesOf } from './packs.js';
import type { TrainingGraph } from './training-graph.js';
import { TRAINING_NAMES, updatedBy } from './training-graph.js';

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

/** Writes the initial content of a tensor of the network's state to where it is kept. */
export type Initializer = (tensor: StateTensor, into: Float32Array) => void;

export interface StepOutcome {
  readonly losses: Readonly<Record<string, number>>;
  /** Null where there are no boxes. */
  readonly positivesPerImage: number | null;
}

/** What a step leaves behind besides losses; `forward`: what its forward pass alone moves, the running statistics. */
export type StepResult = 'gradients' | 'updates' | 'forward';

/** The step in the runtime's operators, giving either the gradients or the updated state; or the forward pass alone. */
export async function lowerStep(
  training: TrainingGraph,
  result: StepResult,
  device: ExecutionDevice = 'cpu',
): Promise<LoweredModel> {
  const { graph, results, gradients } = training;
  const wanted = result === 'gradients' ? new Map(results) : updatedBy(training);
  if (result === 'gradients') {
    for (const [{ name }, gradient] of gradients) wanted.set(TRAINING_NAMES.gradient(name), gradient);
  }
  // Only the CPU has the blocked layout: anywhere else each of its operators would copy its maps there and back.
  const block = device === 'cpu' ? await channelBlock() : null;
  const content = lowerNamed(graph, wanted, { constantWeights: false, channelBlock: block });
  if (result !== 'forward') return content;
  const { origins } = content;
  return { ...forwardPassOf(content, training.lossNames.map(TRAINING_NAMES.loss)), origins };
}

function updatesOf({ graph, updates }: TrainingGraph, result: StepResult): ReadonlyMap<Value, Value> {
  switch (result) {
    case 'gradients':
      return new Map();
    case 'updates':
      return updates;
    case 'forward': {
      const forward = new Set(graph.nodes.flatMap(({ phase, outputs }) => (phase === 'forward' ? outputs : [])));
      return new Map([...updates].filter(([, update]) => forward.has(update)));
    }
  }
}

/** What one of two alternating steps reads of the changing state, and where it writes it. */
interface Side {
  readonly reads: Readonly<Record<string, Tensor>>;
  readonly writes: Readonly<Record<string, Tensor>>;
}

/**
 * A training step in the runtime, with the state that it moves.
 *
 * onnxruntime writes outputs into given tensors, but does not know when one of them is an input too. So a changing tensor
 * has but one buffer where all that reads it is sure to be done before it is written (graph/dependencies.ts), as velocities
 * and large parameters; else two, read from one and written to the other, which trade places after the step.
 */
export class TrainingStep {
  private constructor(
    private readonly session: Session,
    private readonly lossNames: readonly string[],
    /** Losses and counts, one number each. */
    private readonly numbers: Readonly<Record<string, Tensor>>,
    private readonly batch: Readonly<Record<string, Tensor>>,
    private current: Side,
    private next: Side,
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
    const lowered = await lowerStep(training, result, options.device);
    const updated = updatesOf(training, result);
    const replaced = replacedInPlace(lowered);
    const [current, next] = [new SideBuilder(), new SideBuilder()];
    const constants: Record<string, Tensor> = {};
    const place = (value: Value, data: Float32Array): void => {
      const update = updated.get(value);
      if (!update) {
        constants[value.name] = float32Tensor(data, staticShape(value.name, value.shape));
        return;
      }
      current.add(value, update, data);
      next.add(value, update, replaced.has(value.name) ? data : new Float32Array(data.length));
    };
    const places = placesOf(training.packs);
    for (const tensor of training.state) {
      if (tensor.value && !places.has(tensor.name)) place(tensor.value, joined([tensor], initialize));
    }
    for (const { input, tensors } of training.packs) place(input, joined(tensors, initialize));
    for (const velocity of result === 'updates' ? training.velocities : []) {
      place(velocity, new Float32Array(elementCount(staticShape(velocity.name, velocity.shape))));
    }
    const gradients = Object.fromEntries(
      result === 'gradients'
        ? [...training.gradients.keys()].map(({ name, shape }) => [TRAINING_NAMES.gradient(name), zeros(shape)])
        : [],
    );
    const kept = lowered.outputs.get(TRAINING_NAMES.kept);
    const numbers = Object.fromEntries(
      [...training.results, ...(kept ? [[TRAINING_NAMES.kept, kept] as const] : [])].map(([name, { shape }]) => [
        name,
        zeros(staticShape(name, shape)),
      ]),
    );
    // Lowering has written what is fast, weights are no constants, and there are thousands of nodes: rewriting them takes
    // up to ten times as long as loading them, and steps are then as long as before.
    const session = await Session.create(writeModel({ ...lowered, outputsInPlace: true }), options, 'none');
    return new TrainingStep(
      session,
      training.lossNames,
      numbers,
      batchTensors(training.graph, batch),
      current,
      next,
      constants,
      gradients,
      places,
    );
  }

  /**
   * One step on the batch. A learning rate of 0 computes everything and moves no parameter. A run that throws may have
   * moved some of those that are replaced in place: the step cannot be gone on with.
   */
  async run(learningRate: number): Promise<StepOutcome> {
    const rate = { [TRAINING_NAMES.learningRate]: scalar(learningRate) };
    await this.session.run(
      { ...this.constants, ...this.current.reads, ...this.batch, ...rate },
      { ...this.gradients, ...this.numbers, ...this.next.writes },
    );
    [this.current, this.next] = [this.next, this.current];
    const number = (name: string): number => at([...float32Data(this.numbers[name], name)], 0);
    return {
      losses: Object.fromEntries(this.lossNames.map((name) => [name, number(TRAINING_NAMES.loss(name))])),
      positivesPerImage:
        TRAINING_NAMES.positivesPerImage in this.numbers ? number(TRAINING_NAMES.positivesPerImage) : null,
    };
  }

  /** Gradient of a parameter after a step that was asked for gradients; undefined where it has none. */
  gradient(parameter: string): Float32Array | undefined {
    const name = TRAINING_NAMES.gradient(parameter);
    const tensor = this.gradients[name];
    return tensor && float32Data(tensor, name);
  }

  /** Present content of a tensor of the state; it changes with the next step. */
  state(name: string): Float32Array {
    const { pack, start, end } = this.places.get(name) ?? { pack: name };
    return float32Data(this.current.reads[pack] ?? this.constants[pack], name).subarray(start, end);
  }

  endTrace(): void {
    this.session.endTrace();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

class SideBuilder implements Side {
  readonly reads: Record<string, Tensor> = {};
  readonly writes: Record<string, Tensor> = {};

  add(input: Value, update: Value, data: Float32Array): void {
    this.reads[input.name] = float32Tensor(data, staticShape(input.name, input.shape));
    this.writes[TRAINING_NAMES.updated(input.name)] = float32Tensor(data, staticShape(update.name, update.shape));
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

/** The content of tensors, one behind the other. */
function joined(tensors: readonly StateTensor[], initialize: Initializer): Float32Array {
  const all = new Float32Array(tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  let start = 0;
  for (const tensor of tensors) {
    const end = start + elementCount(tensor.shape);
    initialize(tensor, all.subarray(start, end));
    start = end;
  }
  return all;
}

function zeros(shape: readonly number[]): Tensor {
  return float32Tensor(new Float32Array(elementCount(shape)), shape);
}

function scalar(value: number): Tensor {
  return float32Tensor(Float32Array.of(value), []);
}
