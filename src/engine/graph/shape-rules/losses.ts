import type { OperatorName } from '../operators.js';
import type { ShapeRule, ShapeRules } from './shape-rule.js';
import { at, sameShape } from '../tensor.js';

const sigmoidFocalLoss: ShapeRule<'SigmoidFocalLoss'> = ({ input }) => {
  const { dataType, shape } = input(0);
  const [rows, , positions] = [at(shape, 0), at(shape, 1), at(shape, 2)];
  for (const index of [1, 2, 3]) {
    if (!sameShape(input(index).shape, [rows, positions])) {
      throw new RangeError(`operand ${index} must have a number for each of ${positions} positions`);
    }
  }
  if (input(1).dataType !== 'int64') throw new TypeError('classes must be int64');
  return [
    { dataType, shape: [rows] },
    { dataType, shape },
    { dataType, shape },
  ];
};

export const lossShapeRules = {
  SigmoidFocalLoss: sigmoidFocalLoss,
  SigmoidFocalLossGradient: ({ input }) => [{ dataType: input(3).dataType, shape: input(3).shape }],
} satisfies Partial<ShapeRules<OperatorName>>;
