import { Graph } from '../../src/engine/graph/graph.js';
import { printGraph } from '../../src/engine/graph/print-graph.js';
import { Network } from '../../src/engine/nn/network.js';
import { buildInferenceGraph } from '../../src/engine/training/inference-graph.js';
import { architectureNamed, architectures } from '../../src/engine/zoo/catalogue.js';
import type { ArchitectureDescription, WeightsBackbone } from '../../src/engine/zoo/description.js';
import { buildTraining } from '../../src/engine/zoo/training-inputs.js';

const IMAGE_SIZE = [64, 64] as const;

/** All that is computed in inference and in training, and what of the state trains, when all of the backbone does. */
function networkOf(
  { name, defaults, backboneLayers }: ArchitectureDescription,
  weightsBackbone: WeightsBackbone,
): string[] {
  const architecture = architectureNamed(name);
  const [minSize, maxSize] = defaults.minSize === null ? [null, null] : IMAGE_SIZE;
  const options = { ...defaults, weightsBackbone, trainableBackboneLayers: backboneLayers, minSize, maxSize };
  const inference = buildInferenceGraph(architecture, options, 2, IMAGE_SIZE, null);
  const training = new Network(new Graph(), true);
  buildTraining(training, architecture, { batchSize: 2, imageSize: IMAGE_SIZE, objectsPerImage: 1 }, options, null);
  const state = training.state.map((tensor) => `${tensor.name} ${tensor.trains ? 'trains' : 'stays'}`);
  return [printGraph(inference.graph), printGraph(training.g), ...state];
}

const SEVERAL = [...architectures.values()].filter(({ variants }) => variants.length > 1);

it.each(SEVERAL.map((description) => [description.name, description] as const))(
  'the variants of %s differ as its description says',
  (_name, description) => {
    const [first, ...others] = description.variants.map((variant) => networkOf(description, variant).join('\n'));
    for (const other of others) {
      expect(other !== first).toBe(description.variantsDiffer);
    }
  },
);
