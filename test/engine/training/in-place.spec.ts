import { elementCount, staticShape } from '../../../src/engine/graph/tensor.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import type { StateTensor } from '../../../src/engine/nn/network.js';
import { Session, float32Tensor, int64Tensor } from '../../../src/engine/runtime/session.js';
import { fillInto, fillTensor } from '../../../src/engine/synthetic/fill.js';
import { replacedInPlace } from '../../../src/engine/training/in-place.js';
import { syntheticBatch } from '../../../src/engine/training/synthetic-batch.js';
import type { TrainingGraph } from '../../../src/engine/training/training-graph.js';
import { TRAINING_NAMES, buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import type { BatchData, Initializer } from '../../../src/engine/training/training-step.js';
import { TrainingStep, lowerStep } from '../../../src/engine/training/training-step.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';

const CASE = { batch: 2, imageSize: [64, 64], seed: 3 } as const;
const STEPS = 20;
const LEARNING_RATE = 1e-3;
const THREADS = 2;
/** Convolutions with and without strides, a linear layer, norms; 46 MB of parameters. */
const ARCHITECTURE = 'resnet18';

const initialize: Initializer = ({ name, shape }, into) => fillInto(into, name, shape, CASE.seed);

function initial({ name, shape }: StateTensor): Float32Array {
  return fillTensor(name, shape, CASE.seed);
}

function trainingOf(): { training: TrainingGraph; batch: BatchData } {
  const architecture = architectureNamed(ARCHITECTURE);
  const options = architectures.get(ARCHITECTURE)?.defaults;
  if (!options) throw new Error(`there is no ${ARCHITECTURE}`);
  const training = buildTrainingGraph(architecture, options, {
    batchSize: CASE.batch,
    imageSize: CASE.imageSize,
    objectsPerImage: 1,
  });
  return { training, batch: syntheticBatch(architecture, options.numClasses, CASE, 1) };
}

/** Parameters after the steps, each written beside the one that the step reads, by their inputs' names. */
async function withTwoBuffers(
  training: TrainingGraph,
  { images, targets }: BatchData,
): Promise<Map<string, Float32Array>> {
  if (targets.kind !== 'classes') throw new Error('a classifier is needed');
  const shapeOf = new Map(training.graph.inputs.map(({ name, shape }) => [name, staticShape(name, shape)]));
  const tensor = (name: string, data: Float32Array) => float32Tensor(data, shapeOf.get(name) ?? []);
  const lowered = await lowerStep(training, 'updates');
  // Not rewritten, as the step: what is fused is rounded differently.
  const session = await Session.create(writeModel(lowered), { threads: THREADS }, 'none');
  const content = new Map<string, Float32Array>();
  for (const state of training.state) {
    if (state.value && shapeOf.has(state.value.name)) content.set(state.value.name, initial(state));
  }
  for (const { input, tensors } of training.packs) {
    content.set(input.name, Float32Array.from(tensors.flatMap((state) => [...initial(state)])));
  }
  for (const { name, shape } of training.velocities) {
    content.set(name, new Float32Array(elementCount(staticShape(name, shape))));
  }
  const given = {
    [TRAINING_NAMES.images]: tensor(TRAINING_NAMES.images, images),
    [TRAINING_NAMES.classes]: int64Tensor(targets.classes, shapeOf.get(TRAINING_NAMES.classes) ?? []),
    [TRAINING_NAMES.learningRate]: float32Tensor(Float32Array.of(LEARNING_RATE), []),
  };
  try {
    for (let step = 0; step < STEPS; step++) {
      const state = Object.fromEntries([...content].map(([name, data]) => [name, tensor(name, data)]));
      const into = Object.fromEntries([...lowered.outputs.keys()].map((name) => [name, null]));
      const results = await session.run({ ...given, ...state }, into);
      for (const name of [...content.keys()]) {
        const data = results[TRAINING_NAMES.updated(name)]?.data;
        if (data instanceof Float32Array) content.set(name, data);
      }
    }
  } finally {
    await session.release();
  }
  return content;
}

function isSame(a: Float32Array, b: Float32Array | undefined): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);
  return b !== undefined && bytes(a).equals(bytes(b));
}

test(`${STEPS} steps that replace parameters in place give bit by bit what steps with two buffers give`, async () => {
  const { training, batch } = trainingOf();
  const expected = await withTwoBuffers(training, batch);
  const step = await TrainingStep.create(training, 'updates', batch, initialize, { threads: THREADS });
  for (let index = 0; index < STEPS; index++) await step.run(LEARNING_RATE);
  // Those that are moved alone, not in a pack.
  const weights = training.state.filter(({ value }) => value && expected.has(value.name));
  expect(weights).toHaveLength(22);
  expect(weights.filter(({ name }) => !isSame(step.state(name), expected.get(name))).map(({ name }) => name)).toEqual(
    [],
  );
  expect(weights.filter((tensor) => isSame(step.state(tensor.name), initial(tensor)))).toEqual([]);
  expect(weights.every(({ name }) => step.state(name).every(Number.isFinite))).toBe(true);
  await step.release();
});

test('velocities and large parameters are replaced in place, and small ones that a later node reads are not', async () => {
  const { training } = trainingOf();
  const replaced = replacedInPlace(await lowerStep(training, 'updates'));
  expect(training.velocities.filter(({ name }) => !replaced.has(name))).toEqual([]);
  const ofWeights = (names: readonly string[]) => names.map((name) => replaced.has(name));
  expect(ofWeights(['fc.weight', 'layer4.1.conv2.weight', 'layer3.0.conv1.weight', 'conv1.weight'])).toEqual(
    new Array(4).fill(true),
  );
  expect(ofWeights(['layer2.0.conv1.weight', 'layer4.0.downsample.0.weight', 'packed/parameters'])).toEqual(
    new Array(3).fill(false),
  );
});
