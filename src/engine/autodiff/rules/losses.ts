import type { OperatorName } from '../../graph/operators.js';
import type { GradientRules } from '../gradient-rule.js';
import { UNSUPPORTED } from '../gradient-rule.js';

export const lossRules = {
  // h(x) = p^2 log(1 + exp(x)) with p = 1 / (1 + exp(-x)):  h'(x) = p^3 + 2 (1 - p) h(x). A negative's loss is
  // (1 - alpha) h(x), a positive's alpha h(-x).
  SigmoidFocalLoss: ({ g, dy, input, output, attributes }) => [
    () =>
      g.op('SigmoidFocalLossGradient', [dy, output(1), output(2), input(0), input(1), input(2), input(3)], attributes),
    null,
    null,
    null,
  ],
  SigmoidFocalLossGradient: UNSUPPORTED,
} satisfies Partial<GradientRules<OperatorName>>;
