import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { mul } from '../../../src/engine/graph/ops.js';
import { dropout } from '../../../src/engine/nn/layers.js';
import { sumAll } from '../../../src/engine/nn/losses.js';
import type { Dropout } from '../../../src/engine/nn/network.js';
import { Network } from '../../../src/engine/nn/network.js';
import { fillInto } from '../../../src/engine/synthetic/fill.js';
import { uniform } from '../../../src/engine/synthetic/hash.js';
import { syntheticBatch } from '../../../src/engine/training/synthetic-batch.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { TrainingStep } from '../../../src/engine/training/training-step.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';
import { compile } from '../support/execute.js';

const COUNT = 100_000;
const RATE = 0.2;

const numbers = (name: string): Float32Array => Float32Array.from(uniform(name, 1, COUNT), (u) => u + 0.5);
const mean = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0) / COUNT;

/** Values that two runs leave of x, and the gradient of sum(weights * dropped x) in each. */
async function twoRuns(
  x: Float32Array,
  weights: Float32Array,
): Promise<readonly { readonly kept: Float64Array; readonly gradient: Float64Array }[]> {
  const graph = new Graph();
  const [input, factor] = [graph.input('x', 'float32', [COUNT]), graph.input('weights', 'float32', [COUNT])];
  const kept = dropout(new Network(graph, true, 'on'), input, RATE);
  const gradient = differentiate(graph, sumAll(graph, mul(graph, kept, factor)), [input]).get(input);
  if (!gradient) throw new Error('dropout passes gradients on');
  const program = await compile(graph, [kept, gradient]);
  try {
    const runs = [];
    for (let run = 0; run < 2; run++) {
      const [values, gradients] = await program.run(
        new Map([
          [input, x],
          [factor, weights],
        ]),
      );
      runs.push({ kept: values ?? new Float64Array(), gradient: gradients ?? new Float64Array() });
    }
    return runs;
  } finally {
    await program.release();
  }
}

test('a share of the values is dropped, another one each time, and the mean is kept', async () => {
  const x = numbers('x');
  const runs = await twoRuns(x, numbers('weights'));
  for (const { kept } of runs) {
    // Five standard deviations.
    const tolerance = 5 * Math.sqrt((RATE * (1 - RATE)) / COUNT);
    const dropped = kept.filter((value) => value === 0).length / COUNT;
    expect(Math.abs(dropped - RATE)).toBeLessThan(tolerance);
    expect(Math.abs(mean(kept) / mean(x) - 1)).toBeLessThan((1.1 * tolerance) / (1 - RATE));
    expect(kept.every((value, index) => value === 0 || Math.abs(value - (x[index] ?? NaN) / 0.8) < 1e-6)).toBe(true);
  }
  const [first, second] = runs;
  const alike = first?.kept.filter((value, index) => (value === 0) === (second?.kept[index] === 0)).length ?? NaN;
  // Independent draws agree in 0.2 * 0.2 + 0.8 * 0.8 of all places.
  expect(alike / COUNT).toBeCloseTo(0.68, 2);
});

test('the gradient goes through what this run has kept, scaled alike', async () => {
  const weights = numbers('weights');
  for (const { kept, gradient } of await twoRuns(numbers('x'), weights)) {
    const wanted = Float64Array.from(kept, (value, index) => (value === 0 ? 0 : (weights[index] ?? NaN) / (1 - RATE)));
    expect(gradient.every((value, index) => Math.abs(value - (wanted[index] ?? NaN)) < 1e-6)).toBe(true);
  }
});

describe('the loss of two steps that move nothing', () => {
  async function losses(mode: Dropout): Promise<readonly number[]> {
    const architecture = architectureNamed('mobilenet_v3_small');
    const imageSize = [64, 64] as const;
    const graph = buildTrainingGraph(
      architecture,
      architecture.description.defaults,
      { batchSize: 2, imageSize, objectsPerImage: 1 },
      null,
      mode,
    );
    const data = syntheticBatch(architecture, 1000, { batch: 2, imageSize, seed: 0 }, 1);
    const step = await TrainingStep.create(
      graph,
      'updates',
      data,
      ({ name, shape }, into) => fillInto(into, name, shape, 0),
      {
        threads: 1,
      },
    );
    const outcomes = [await step.run(0), await step.run(0)];
    await step.release();
    return outcomes.map((outcome) => outcome.losses.loss ?? NaN);
  }

  test('differs with dropout', async () => {
    const [first, second] = await losses('on');
    expect(first).not.toBe(second);
  });

  test('is the same without', async () => {
    const [first, second] = await losses('off');
    expect(first).toBe(second);
  });
});
