import { fillTensor } from '../../../src/engine/synthetic/fill.js';
import { syntheticBatch } from '../../../src/engine/training/synthetic-batch.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import type { Initializer } from '../../../src/engine/training/training-step.js';
import { TrainingStep } from '../../../src/engine/training/training-step.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';

const SEED = 0;
const OBJECTS = 3;
const IMAGE_SIZE = [64, 64] as const;

interface Reached {
  readonly positivesPerImage: number | null;
  readonly maskPlacesPerImage: number | null;
}

/** Positives in a step on one small image, of which the network's own proposals would hardly give any beside the objects. */
async function reached(name: string, positivesPerImage: number, initialize: Initializer): Promise<Reached> {
  const architecture = architectureNamed(name);
  const { defaults } = architecture.description;
  const options = { ...defaults, minSize: IMAGE_SIZE[0], maxSize: IMAGE_SIZE[1] };
  const training = buildTrainingGraph(
    architecture,
    options,
    { batchSize: 1, imageSize: IMAGE_SIZE, objectsPerImage: OBJECTS },
    { positivesPerImage },
  );
  const given = { batch: 1, imageSize: IMAGE_SIZE, seed: SEED };
  const batch = syntheticBatch(architecture, options.numClasses, given, OBJECTS);
  const step = await TrainingStep.create(training, 'gradients', batch, initialize, { threads: 1 });
  try {
    const outcome = await step.run(0);
    expect(Object.values(outcome.losses).every(Number.isFinite)).toBe(true);
    return { positivesPerImage: outcome.positivesPerImage, maskPlacesPerImage: training.maskPlacesPerImage };
  } finally {
    await step.release();
  }
}

describe(`planted positives are reached exactly (weights by the hash, seed ${SEED})`, () => {
  test.each([
    ['fasterrcnn_resnet50_fpn', false],
    ['fasterrcnn_mobilenet_v3_large_320_fpn', false],
    ['maskrcnn_resnet50_fpn', true],
  ])('by %s', async (name, learnsMasks) => {
    const filled = new Map<string, Float32Array>();
    const initialize: Initializer = (tensor, into) => {
      const known = filled.get(tensor.name) ?? fillTensor(tensor.name, tensor.shape, SEED);
      filled.set(tensor.name, known);
      into.set(known);
    };
    for (const positives of [OBJECTS, 7, 128]) {
      expect(await reached(name, positives, initialize)).toEqual({
        positivesPerImage: positives,
        maskPlacesPerImage: learnsMasks ? positives : null,
      });
    }
  });
});
