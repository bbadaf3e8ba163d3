import { simulatedArena } from '../../../src/engine/costs/simulated-arena.js';
import { traced } from '../../../src/engine/runtime/trace.js';
import { syntheticBatch } from '../../../src/engine/training/synthetic-batch.js';
import { fillInto } from '../../../src/engine/synthetic/fill.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { TrainingStep, lowerStep } from '../../../src/engine/training/training-step.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';

const THREADS = 2;
const RUNS = 3;

/** A small step of a network. */
const stepOf = (name: string) => {
  const architecture = architectureNamed(name);
  const options = { ...architecture.description.defaults, numClasses: 10 };
  const shape = { batchSize: 3, imageSize: [64, 64] as const, objectsPerImage: 1 };
  const training = buildTrainingGraph(architecture, options, shape, { positivesPerImage: null }, 'on');
  return { architecture, training };
};

/** From traces: what the arena has handed out at most, beside what it holds between runs, and what it holds. */
async function traceOf(name: string) {
  const { architecture, training } = stepOf(name);
  const runs = await traced(async (tracePrefix) => {
    const batch = syntheticBatch(architecture, 10, { batch: 3, imageSize: [64, 64], seed: 0 }, 1);
    const step = await TrainingStep.create(
      training,
      'updates',
      batch,
      ({ name: tensor, shape }, into) => fillInto(into, tensor, shape, 0),
      { threads: THREADS, tracePrefix },
    );
    for (let run = 0; run < RUNS; run++) await step.run(0);
    step.endTrace();
    await step.release();
  });
  const last = runs.at(-1) ?? [];
  const between = (last[0]?.bytesInUse ?? NaN) - (last[0]?.allocatedBytes ?? NaN);
  return {
    mostBytesInUse: Math.max(...last.map(({ bytesInUse }) => bytesInUse)) - between,
    heldBytes: (last.at(-1)?.bytesHeld ?? NaN) - between,
  };
}

describe.each(['resnet18', 'mobilenet_v3_small'])('the simulated arena of a training step of %s', (name) => {
  test('is what the runtime says of its own', async () => {
    const { graph, outputs } = await lowerStep(stepOf(name).training, 'updates');
    const roles = {
      outputs: [...outputs.values()],
      updates: new Set<never>(),
      weights: new Set<never>(),
      optimizerState: new Set<never>(),
      constantWeights: false,
    };
    const { mostBytesInUse, heldBytes, touchedBytes } = simulatedArena(graph, roles, THREADS);
    expect({ mostBytesInUse, heldBytes }).toEqual(await traceOf(name));
    expect(touchedBytes).toBeLessThanOrEqual(heldBytes);
    expect(touchedBytes).toBeGreaterThan(0.7 * mostBytesInUse);
  });
});
