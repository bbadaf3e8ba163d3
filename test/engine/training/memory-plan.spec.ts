import { Graph } from '../../../src/engine/graph/graph.js';
import { add, exp, mul, relu } from '../../../src/engine/graph/ops.js';
import { INFERENCE_NAMES } from '../../../src/engine/training/inference-graph.js';
import { plannedInferenceBytes, plannedTrainingBytes } from '../../../src/engine/training/memory-plan.js';
import { TRAINING_NAMES } from '../../../src/engine/training/training-graph.js';

const ELEMENTS = 2 ** 18;
const MEBIBYTE = 2 ** 20;

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

test('a tensor that is replaced in place is planned for once, and any other twice', () => {
  expect(plannedTrainingBytes(moved(true)) - plannedTrainingBytes(moved(false))).toBe(MEBIBYTE);
});

test('tensors that come and go are planned for with more than their size, and none twice', () => {
  const chain = (length: number) => {
    const graph = new Graph();
    let value = graph.input('x', 'float32', [ELEMENTS]);
    for (let index = 0; index < length; index++) value = index % 2 === 0 ? exp(graph, value) : relu(graph, value);
    return plannedTrainingBytes({ graph, outputs: new Map([['y', value]]) });
  };
  const [none, one, two, three] = [chain(1), chain(2), chain(3), chain(4)];
  expect(one - none).toBeGreaterThan(MEBIBYTE);
  expect(two - one).toBeGreaterThan(MEBIBYTE);
  expect(three - two).toBeLessThan(MEBIBYTE);
});

test('images are planned for once, in evaluation too', () => {
  const graph = new Graph();
  const images = graph.input(INFERENCE_NAMES.images, 'float32', [ELEMENTS]);
  const model = { graph, outputs: new Map([['y', exp(graph, images)]]) };
  expect(plannedInferenceBytes(model)).toBe(plannedTrainingBytes(model));
});

test('weights that are part of a model are planned for as often as they are copied while it is read', () => {
  const graph = new Graph();
  const weights = graph.input('weights', 'float32', [ELEMENTS]);
  const model = { graph, outputs: new Map([['y', exp(graph, weights)]]) };
  expect(plannedInferenceBytes(model) - plannedTrainingBytes(model)).toBe(4 * MEBIBYTE);
});
