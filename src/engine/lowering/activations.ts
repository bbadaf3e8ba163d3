import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { abs, add, hardSigmoid, mul, sub } from '../graph/ops.js';
import type { LoweringRules } from './lowering-rule.js';

/**
 * Slope of a hard sigmoid that serves as a step: between two neighbouring floats from 0 to 1. A step by Where takes four
 * times as long, since the runtime does not spread Where over its threads.
 */
const STEP_SLOPE = 1e30;
/** With an interval's centre subtracted, neighbouring floats are too far apart for the step slope to be needed. */
const INTERVAL_SLOPE = 1e8;

function step(g: Graph, x: Value, alpha: number, beta: number): Value {
  return g.op('HardSigmoid', [x], { alpha, beta });
}

/** 1 where min < y < max, else 0. */
function inside(g: Graph, y: Value, min: number, max: number): Value {
  if (min === 0 && max === Infinity) return step(g, y, STEP_SLOPE, 0);
  if (max === Infinity) return step(g, y, INTERVAL_SLOPE, -INTERVAL_SLOPE * min);
  if (min === -Infinity) return step(g, y, -INTERVAL_SLOPE, INTERVAL_SLOPE * max);
  const [centre, reach] = [(min + max) / 2, (max - min) / 2];
  const distance = abs(g, centre === 0 ? y : sub(g, y, g.scalar(centre)));
  return step(g, distance, -INTERVAL_SLOPE, INTERVAL_SLOPE * reach);
}

export const activationLowerings: LoweringRules<'ClipGradient' | 'HardSwish' | 'HardSwishGradient'> = {
  ClipGradient: ({ g, input, attributes: { min, max } }) => [mul(g, input(1), inside(g, input(0), min, max))],
  HardSwish: ({ g, input }) => [mul(g, input(0), hardSigmoid(g, input(0)))],
  // dx = dy times 0 up to x = -3, x / 3 + 1/2 between, 1 from 3. With t(v) = v where v > -3/2, else 0,
  // 3 dx = dy (3 - t(3 - t(x + 3/2))): multi-threaded passes only, and the 1/3 is left to who comes next.
  HardSwishGradient: ({ g, input, state }) => {
    const [x, dy] = [input(0), input(1)];
    const three = g.scalar(3);
    const cut = (value: Value): Value => g.op('ThresholdedRelu', [value], { alpha: -1.5 });
    const slope = sub(g, three, cut(sub(g, three, cut(add(g, x, g.scalar(1.5))))));
    return [state.product(mul(g, dy, slope), g.scalar(1 / 3))];
  },
};
