import type { GraphNode } from '../../../src/engine/graph/node.js';
import { conv } from '../../../src/engine/graph/ops.js';
import { staticShape } from '../../../src/engine/graph/tensor.js';
import { buildInferenceGraph } from '../../../src/engine/training/inference-graph.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';
import type { GradientCase } from './gradient-case.js';
import { linear, operand } from './gradient-case.js';
import { gradientErrors } from './numerical-check.js';

const SEED = 3;
const TOLERANCE = 1e-5;
const BATCH = 2;

/** Each different convolution of a network. */
function convolutionsOf(name: string): readonly GradientCase[] {
  const description = architectures.get(name);
  if (!description) throw new Error(`the catalogue has no ${name}`);
  const { defaults, defaultImageSize } = description;
  const { graph } = buildInferenceGraph(architectureNamed(name), defaults, BATCH, defaultImageSize, null);
  const cases = graph.nodes
    .filter((node): node is GraphNode<'Conv'> => node.operator === 'Conv')
    .map(({ inputs: [x, weight], attributes }) => {
      const [input, kernel] = [x, weight].map((value) => staticShape('an operand', value?.shape ?? []));
      if (!input || !kernel) throw new Error('a convolution has an input and a weight');
      const { strides, group } = attributes;
      const text = `${input.join('x')} by ${kernel.join('x')}, stride ${strides[0]}, ${group} groups`;
      return linear('Conv', text, [operand(input), operand(kernel)], (g, seen, taps) =>
        conv(g, seen, taps, null, attributes),
      );
    });
  return [...new Map(cases.map((gradientCase) => [gradientCase.name, gradientCase])).values()];
}

/** Ways of computing a gradient are chosen by shape: those that networks really have are all tried. */
describe.each([...architectures.keys()])(`gradients of the convolutions of %s (seed ${SEED})`, (name) => {
  test.each(convolutionsOf(name).map((gradientCase) => [gradientCase.name, gradientCase] as const))(
    '%s',
    async (_name, gradientCase) => {
      const errors = await gradientErrors(gradientCase, SEED, 1, 'blocked');
      expect(errors).toHaveLength(2);
      expect(errors.filter((error) => !(error < TOLERANCE))).toEqual([]);
    },
  );
});
