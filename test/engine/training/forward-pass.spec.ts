import { Dependencies } from '../../../src/engine/graph/dependencies.js';
import type { Graph } from '../../../src/engine/graph/graph.js';
import { elementCount, staticShape } from '../../../src/engine/graph/tensor.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { lowerStep } from '../../../src/engine/training/training-step.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';

const LARGE = 16_384;

async function lowered(result: 'updates' | 'forward') {
  const architecture = architectureNamed('mobilenet_v3_small');
  const shape = { batchSize: 4, imageSize: [64, 64], objectsPerImage: 1 } as const;
  return lowerStep(buildTrainingGraph(architecture, architecture.description.defaults, shape), result);
}

/** Large results of the forward pass that other phases read. */
function neededLater({ nodes }: Graph): readonly string[] {
  const made = new Set(nodes.flatMap(({ phase, outputs }) => (phase === 'forward' ? outputs : [])));
  const read = new Set(nodes.flatMap(({ phase, inputs }) => (phase === 'forward' ? [] : inputs)));
  const large = [...made].filter((value) => elementCount(staticShape(value.name, value.shape)) >= LARGE);
  return large.flatMap((value) => (read.has(value) && value.dataType === 'float32' ? [value.name] : []));
}

test('the forward pass alone keeps what a step’s other phases need until its losses are known', async () => {
  const needed = neededLater((await lowered('updates')).graph);
  const { graph, outputs } = await lowered('forward');
  expect(needed.length).toBeGreaterThan(10);
  const keepers = graph.nodes.filter(({ operator, scope }) => operator === 'GatherElements' && scope === 'kept');
  expect(keepers.map(({ inputs }) => inputs[0]?.name).sort()).toEqual([...needed].sort());

  const dependencies = new Dependencies(graph, outputs.values());
  const loss = outputs.get('loss/loss');
  const maker = loss && dependencies.makerOf(loss);
  if (!maker) throw new Error('the forward pass gives no loss');
  for (const { outputs: elements } of keepers) {
    for (const element of elements) expect(dependencies.notBefore(element, [maker])).toEqual([]);
  }
});

test('the forward pass alone has no gradients and no learning rate', async () => {
  const { graph } = await lowered('forward');
  expect(graph.nodes.filter(({ phase }) => phase === 'backward')).toEqual([]);
  // Parameters that lie together are taken apart by the optimizer's node.
  const others = graph.nodes.filter(({ phase }) => phase === 'optimizer');
  expect(others.map(({ operator }) => operator)).toEqual(['Split']);
  const names = graph.inputs.map(({ name }) => name);
  expect(names).toContain('images');
  expect(names).not.toContain('learning_rate');
});
