import { and, greater, hardSigmoid, less, mul, where } from '../graph/ops.js';
import type { LoweringRules } from './lowering-rule.js';

export const activationLowerings: LoweringRules<'ClipGradient' | 'HardSwish' | 'HardSwishGradient'> = {
  ClipGradient: ({ g, input, attributes: { min, max } }) => {
    const [y, dy] = [input(0), input(1)];
    const above = greater(g, y, g.scalar(min));
    const inside = max === Infinity ? above : and(g, above, less(g, y, g.scalar(max)));
    return [where(g, inside, dy, g.scalar(0))];
  },
  HardSwish: ({ g, input }) => [mul(g, input(0), hardSigmoid(g, input(0)))],
  // dx = dy times 0 for x < -3, x / 3 + 1/2 up to 3, 1 above, as PyTorch has it at the kinks.
  HardSwishGradient: ({ g, input }) => {
    const [x, dy] = [input(0), input(1)];
    const inner = g.op('Add', [mul(g, x, g.scalar(1 / 3)), g.scalar(0.5)], {});
    const slope = where(g, greater(g, x, g.scalar(3)), g.scalar(1), inner);
    return [mul(g, dy, where(g, less(g, x, g.scalar(-3)), g.scalar(0), slope))];
  },
};
