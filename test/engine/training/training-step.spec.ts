import { fillInto } from '../../../src/engine/synthetic/fill.js';
import { syntheticBatch } from '../../../src/engine/training/synthetic-batch.js';
import type { StepOutcome, StepResult } from '../../../src/engine/training/training-step.js';
import { TrainingStep, lowerStep } from '../../../src/engine/training/training-step.js';
import type { TrainingGraph } from '../../../src/engine/training/training-graph.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { UntrainableError } from '../../../src/engine/nn/network.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';
import { elementCount } from '../../../src/engine/graph/tensor.js';
import { relativeError } from '../support/reference-layers.js';

const SEED = 5;
const CASE = { batch: 2, imageSize: [320, 320], objects: 3, seed: SEED } as const;

function ssdlite(batchSize: number): TrainingGraph {
  const [description] = architectures.values();
  if (!description) throw new Error('the catalogue is empty');
  const options = { ...description.defaults, weightsBackbone: 'none' as const };
  return buildTrainingGraph(architectureNamed(description.name), options, {
    batchSize,
    imageSize: CASE.imageSize,
    objectsPerImage: CASE.objects,
  });
}

/** A step of SSDlite on one fixed batch, with weights from the hash. */
async function withStep<T>(
  result: StepResult,
  use: (step: TrainingStep, graph: TrainingGraph) => Promise<T>,
): Promise<T> {
  const graph = ssdlite(CASE.batch);
  const step = await TrainingStep.create(
    graph,
    result,
    syntheticBatch(architectureNamed('ssdlite320_mobilenet_v3_large'), 91, CASE, CASE.objects),
    ({ name, shape }, into) => fillInto(into, name, shape, SEED),
    { threads: 2 },
  );
  try {
    return await use(step, graph);
  } finally {
    await step.release();
  }
}

const totalOf = ({ losses }: StepOutcome): number => Object.values(losses).reduce((sum, loss) => sum + loss, 0);

/** Copies of the present content of tensors of the state. */
function contents(step: TrainingStep, graph: TrainingGraph, kind: 'parameter' | 'buffer'): Map<string, Float32Array> {
  const tensors = graph.state.filter((tensor) => tensor.kind === kind && tensor.value !== null);
  return new Map(tensors.map(({ name }) => [name, step.state(name).slice()]));
}

const differing = (before: Map<string, Float32Array>, after: Map<string, Float32Array>): string[] =>
  [...before].flatMap(([name, data]) => (Buffer.compare(bytes(data), bytes(after.get(name))) === 0 ? [] : [name]));

function bytes(data: Float32Array | undefined): Uint8Array {
  if (!data) return new Uint8Array();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function difference(a: Float32Array | undefined, b: Float32Array | undefined): Float64Array {
  return Float64Array.from(a ?? [], (value, index) => value - (b?.[index] ?? NaN));
}

test(`twenty steps on one batch lower the loss (seed ${SEED})`, async () => {
  await withStep('updates', async (step) => {
    const totals: number[] = [];
    for (let index = 0; index < 20; index++) totals.push(totalOf(await step.run(1e-6)));
    const [first = NaN, last = NaN] = [totals[0], totals.at(-1)];
    expect(totals.every(Number.isFinite)).toBe(true);
    expect(last).toBeLessThan(first);
  });
});

test('a step moves parameters by the learning rate times gathered gradients, and always the statistics', async () => {
  const gradients = new Map<string, Float32Array>();
  await withStep('gradients', async (step, graph) => {
    const { positivesPerImage } = await step.run(0);
    expect(positivesPerImage).toBeGreaterThanOrEqual(CASE.objects / 2);
    for (const { name, trains, shape } of graph.state) {
      const gradient = step.gradient(name);
      expect({ name, elements: gradient?.length }).toEqual({
        name,
        elements: trains ? elementCount(shape) : undefined,
      });
      expect(gradient?.every(Number.isFinite) ?? true).toBe(true);
      if (gradient) gradients.set(name, gradient);
    }
  });
  await withStep('updates', async (step, graph) => {
    const [parameters, buffers] = [contents(step, graph, 'parameter'), contents(step, graph, 'buffer')];
    const [first, second] = [await step.run(0), await step.run(0)];
    expect(second.losses).toEqual(first.losses);
    expect([...parameters.keys()]).toEqual([...gradients.keys()]);
    expect(differing(parameters, contents(step, graph, 'parameter'))).toEqual([]);
    expect(differing(buffers, contents(step, graph, 'buffer'))).toEqual([...buffers.keys()]);

    // Velocities have gathered (1 + 0.9) times the gradient, and 0.9 of that is added to the third one.
    const [rate, gathered] = [0.01, 2.71];
    await step.run(rate);
    // Alone, and two of those that are moved together.
    const names = ['1.bias', '0.1.weight', '0.1.bias'].map((end) => `head.classification_head.module_list.0.${end}`);
    for (const name of names) {
      const moved = difference(step.state(name), parameters.get(name));
      const wanted = Float64Array.from(gradients.get(name) ?? [], (gradient) => -rate * gathered * gradient);
      expect(relativeError(moved, wanted)).toBeLessThan(1e-3);
    }
  });
});

test('the forward pass alone has the losses and statistics of the step, and computes no gradients', async () => {
  const { graph } = await lowerStep(ssdlite(CASE.batch), 'forward');
  expect(graph.nodes.filter(({ phase }) => phase === 'backward')).toEqual([]);
  const run = (result: StepResult) =>
    withStep(result, async (step, training) => ({
      outcome: await step.run(0),
      statistics: contents(step, training, 'buffer'),
    }));
  const [step, forward] = [await run('updates'), await run('forward')];
  expect(forward.outcome).toEqual(step.outcome);
  expect(differing(step.statistics, forward.statistics)).toEqual([]);
});

test('each step on one batch leaves of the way to its statistics what their momentum does not take', async () => {
  await withStep('updates', async (step, graph) => {
    const before = contents(step, graph, 'buffer');
    await step.run(0);
    const between = contents(step, graph, 'buffer');
    await step.run(0);
    const after = contents(step, graph, 'buffer');
    for (const end of ['running_mean', 'running_var']) {
      const name = `backbone.features.0.0.1.${end}`;
      const [first, second] = [
        difference(between.get(name), before.get(name)),
        difference(after.get(name), between.get(name)),
      ];
      // SSDlite's momentum is 0.03.
      expect(
        relativeError(
          second,
          first.map((way) => 0.97 * way),
        ),
      ).toBeLessThan(1e-3);
    }
  });
});

test('a batch of one image is refused with the reason, as PyTorch refuses it', () => {
  expect(() => ssdlite(1)).toThrow(UntrainableError);
  expect(() => ssdlite(1)).toThrow(/single value a channel.*at least 2 images/);
});
