import { channelBlock } from '../../../src/engine/runtime/channel-block.js';
import { type ExecutionDevice, executionProviders } from '../../../src/engine/runtime/session.js';
import { lowerStep } from '../../../src/engine/training/training-step.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';

describe('the providers that execute a model', () => {
  it.each([
    ['cpu', [{ name: 'cpu' }]],
    ['cuda:0', [{ name: 'cuda', deviceId: 0 }, { name: 'cpu' }]],
    ['cuda:12', [{ name: 'cuda', deviceId: 12 }, { name: 'cpu' }]],
    ['webgpu', [{ name: 'webgpu' }, { name: 'cpu' }]],
  ] as const)('are on %s %j', (device, providers) => {
    expect(executionProviders(device)).toEqual(providers);
  });
});

async function blockedOperators(device: ExecutionDevice): Promise<number> {
  const architecture = architectureNamed('mobilenet_v2');
  const training = buildTrainingGraph(
    architecture,
    architecture.description.defaults,
    { batchSize: 2, imageSize: [64, 64], objectsPerImage: 1 },
    { positivesPerImage: null },
    'on',
  );
  const { graph } = await lowerStep(training, 'updates', device);
  return graph.nodes.filter(({ operator }) => operator.startsWith('Nchwc') || operator.startsWith('Reorder')).length;
}

it('only a step for the processor has operators of its blocked layout', async () => {
  expect((await blockedOperators('cpu')) > 0).toBe((await channelBlock()) !== null);
  expect(await blockedOperators('cuda:0')).toBe(0);
  expect(await blockedOperators('webgpu')).toBe(0);
});
