import { UNSUPPORTED, ZERO } from '../../../src/engine/autodiff/gradient-rule.js';
import { GRADIENT_RULES } from '../../../src/engine/autodiff/gradient-rules.js';
import { elementwiseCases } from './elementwise-cases.js';
import type { GradientCase } from './gradient-case.js';
import { layerCases } from './layer-cases.js';
import { layoutCases } from './layout-cases.js';
import { lossCases } from './loss-cases.js';
import { buildCase, everyOperand, gradientErrors, gradientsOf, unneededNodes } from './numerical-check.js';
import { regionCases } from './region-cases.js';
import { resamplingCases } from './resampling-cases.js';

const SEED = 20;
const DIRECTIONS = 6;
const TOLERANCE = { linear: 1e-5, curved: 5e-5 };

const cases: readonly GradientCase[] = [
  ...elementwiseCases,
  ...layoutCases,
  ...layerCases,
  ...lossCases,
  ...regionCases,
  ...resamplingCases,
];

test('every operator that passes gradients on has a case that uses it', () => {
  const differentiable = Object.entries(GRADIENT_RULES)
    .filter(([, decision]) => decision !== ZERO && decision !== UNSUPPORTED)
    .map(([operator]) => operator);
  const used = cases.filter((gradientCase) =>
    buildCase(gradientCase, []).graph.nodes.some(({ operator }) => operator === gradientCase.operator),
  );
  expect([...new Set(used.map(({ operator }) => operator))].sort()).toEqual(differentiable.sort());
});

/** Only convolutions have more than one layout. */
const executions = cases.flatMap((gradientCase) =>
  (gradientCase.operator === 'Conv' ? (['plain', 'blocked'] as const) : (['plain'] as const)).map(
    (layout) => [gradientCase.operator, gradientCase.name, layout, gradientCase] as const,
  ),
);

describe.each(executions)(`%s: %s (%s layout, seed ${SEED})`, (_operator, _name, layout, gradientCase) => {
  test('the gradient is what differences say', async () => {
    const errors = await gradientErrors(gradientCase, SEED, DIRECTIONS, layout);
    const tolerance = gradientCase.linear ? TOLERANCE.linear : TOLERANCE.curved;
    expect(errors).toHaveLength(gradientCase.operands.length);
    expect(errors.filter((error) => !(error < tolerance))).toEqual([]);
  });

  test('a gradient alone is the same, and nothing is built for the others', async () => {
    const wanted = everyOperand(gradientCase);
    const together = await gradientsOf(gradientCase, wanted, SEED, layout);
    for (const index of wanted) {
      const { graph, output, gradients } = buildCase(gradientCase, [index]);
      expect(gradients.size).toBe(1);
      const backward = unneededNodes(graph, [output, ...gradients.values()]).filter(
        ({ phase }) => phase === 'backward',
      );
      expect(backward.map(({ name }) => name)).toEqual([]);
      const alone = await gradientsOf(gradientCase, [index], SEED, layout);
      expect(alone.get(index)).toEqual(together.get(index));
    }
  });
});
