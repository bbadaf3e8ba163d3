import { Graph } from '../../../src/engine/graph/graph.js';
import { add, exp, mul, relu } from '../../../src/engine/graph/ops.js';
import { INFERENCE_NAMES } from '../../../src/engine/training/inference-graph.js';
import { plannedInference, plannedTrainingBytes } from '../../../src/engine/training/memory-plan.js';
import { TRAINING_NAMES } from '../../../src/engine/training/training-graph.js';

const ELEMENTS = 2 ** 18;
const MEBIBYTE = 2 ** 20;
const THREADS = 2;

/** A velocity of 1 MiB to which a gradient is added, three nodes: it is read by a product alone, or by the sum itself. */
function moved(readBySum: boolean) {
  const graph = new Graph();
  const [velocity, gradient] = [
    graph.input('velocity', 'float32', [ELEMENTS]),
    graph.input('dy', 'float32', [ELEMENTS]),
  ];
  const product = mul(graph, velocity, gradient);
  const update = add(graph, product, readBySum ? velocity : gradient);
  return { graph, outputs: new Map([[TRAINING_NAMES.updated('velocity'), update]]) };
}

/** A weight and an image of so many MiB, and a result that they make. */
function network(weightMebibytes: number, imageMebibytes: number) {
  const graph = new Graph();
  const weight = graph.input('weight', 'float32', [weightMebibytes * ELEMENTS]);
  const images = graph.input(INFERENCE_NAMES.images, 'float32', [imageMebibytes * ELEMENTS]);
  const result = graph.op('Concat', [weight, images], { axis: 0 });
  return { graph, outputs: new Map([['y', result]]) };
}

test('a tensor that is replaced in place is planned for once, and any other twice', () => {
  expect(plannedTrainingBytes(moved(true), THREADS) - plannedTrainingBytes(moved(false), THREADS)).toBe(MEBIBYTE);
});

test('tensors that come and go are planned for with more than their size, and none twice', () => {
  const chain = (length: number) => {
    const graph = new Graph();
    let value = graph.input('x', 'float32', [ELEMENTS]);
    for (let index = 0; index < length; index++) value = index % 2 === 0 ? exp(graph, value) : relu(graph, value);
    return plannedTrainingBytes({ graph, outputs: new Map([['y', value]]) }, THREADS);
  };
  const [none, one, two, four] = [chain(1), chain(2), chain(3), chain(5)];
  expect(one - none).toBeGreaterThan(MEBIBYTE);
  // A clip writes over what it reads, and an exponential into what is free.
  expect(two - one).toBeLessThan(MEBIBYTE / 2);
  expect(four - two).toBeLessThan(MEBIBYTE + MEBIBYTE / 2);
});

test('weights that are part of a model are planned for once, and three times while it is loaded', () => {
  const [small, large] = [network(1, 1), network(11, 1)].map((model) => plannedInference(model, THREADS));
  if (!small || !large) throw new Error('there are no plans');
  expect(large.loadingBytes - small.loadingBytes).toBe(30 * MEBIBYTE);
  // Once for itself, and once as part of the result.
  expect(large.runningBytes - small.runningBytes).toBe(20 * MEBIBYTE);
});

test('images are no part of what is loaded', () => {
  const [small, large] = [network(1, 1), network(1, 11)].map((model) => plannedInference(model, THREADS));
  if (!small || !large) throw new Error('there are no plans');
  expect(large.loadingBytes).toBe(small.loadingBytes);
  expect(large.runningBytes - small.runningBytes).toBe(30 * MEBIBYTE);
});
