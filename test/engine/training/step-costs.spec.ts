import { moduleMultiplyAccumulates, multiplyAccumulates } from '../../../src/engine/graph/costs.js';
import { costKey, countedCosts, type NodeCost } from '../../../src/engine/costs/node-cost.js';
import { buildInferenceGraph } from '../../../src/engine/training/inference-graph.js';
import { inferenceCosts, trainingCosts } from '../../../src/engine/training/step-costs.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';
import type { NetworkOptions } from '../../../src/engine/zoo/description.js';

function optionsOf(name: string): NetworkOptions {
  const description = architectures.get(name);
  if (!description) throw new Error(`${name} is not in the catalogue`);
  return description.defaults;
}

function training(name: string, batchSize: number, side: number): readonly NodeCost[] {
  const shape = { batchSize, imageSize: [side, side] as const, objectsPerImage: 2 };
  return [...trainingCosts(buildTrainingGraph(architectureNamed(name), optionsOf(name), shape)).values()];
}

const sum = (costs: readonly NodeCost[], figure: 'bytes' | 'weightBytes' | 'multiplyAccumulates'): number =>
  costs.reduce((total, cost) => total + cost[figure], 0);

describe('the costs of a step', () => {
  it('have all its multiply-accumulates', () => {
    const graph = buildInferenceGraph(architectureNamed('resnet18'), optionsOf('resnet18'), 2, [64, 64], null);
    const costs = [...inferenceCosts(graph).values()];
    expect(sum(costs, 'multiplyAccumulates')).toBe(multiplyAccumulates(graph.graph));
    expect(moduleMultiplyAccumulates(graph.graph, ['layer1'])).toBeLessThan(sum(costs, 'multiplyAccumulates'));
  });

  it('read the weights of the network, whatever the batch', () => {
    const parameterBytes = 4 * 11_689_512;
    const forward = (batch: number): number =>
      sum(
        training('resnet18', batch, 64).filter(({ phase }) => phase === 'forward'),
        'weightBytes',
      );
    expect(forward(2)).toBeGreaterThan(0.99 * parameterBytes);
    expect(forward(2)).toBeLessThan(1.1 * parameterBytes);
    expect(forward(4)).toBe(forward(2));
  });

  it.each([
    'resnet18',
    'ssdlite320_mobilenet_v3_large',
    'fasterrcnn_mobilenet_v3_large_320_fpn',
    'lraspp_mobilenet_v3_large',
  ])('are of the same operators and forms with a larger batch, and never less: %s', (name) => {
    const [small, large] = [training(name, 2, 96), training(name, 4, 96)];
    expect(large.map(({ phase, operator, form }) => [phase, operator, form])).toEqual(
      small.map(({ phase, operator, form }) => [phase, operator, form]),
    );
    for (const [index, cost] of large.entries()) {
      const less = small[index];
      if (!less) throw new Error('one is missing');
      expect(cost.bytes).toBeGreaterThanOrEqual(less.bytes);
      expect(cost.multiplyAccumulates).toBeGreaterThanOrEqual(less.multiplyAccumulates);
    }
    const forward = (costs: readonly NodeCost[]): number =>
      sum(
        costs.filter(({ phase }) => phase === 'forward'),
        'bytes',
      );
    expect(forward(large) / forward(small)).toBeGreaterThan(1.7);
    expect(forward(large) / forward(small)).toBeLessThan(2.1);
  });

  it('are counted together where they are equal', () => {
    const costs = training('resnet18', 2, 64);
    const counted = countedCosts(costs);
    expect(new Set(counted.map(costKey)).size).toBe(counted.length);
    expect(counted.length).toBeLessThan(costs.length);
    expect(counted.reduce((total, { count }) => total + count, 0)).toBe(costs.length);
    expect(counted.reduce((total, { count, bytes }) => total + count * bytes, 0)).toBe(sum(costs, 'bytes'));
  });
});
