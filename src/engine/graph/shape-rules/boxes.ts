import type { ShapeRule, ShapeRules } from './shape-rule.js';

const nonMaxSuppression: ShapeRule<'NonMaxSuppression'> = ({ dynamic }) => [
  { dataType: 'int64', shape: [dynamic('selected'), 3] },
];

/** Operators of boxes. */
export const boxShapeRules: ShapeRules<'NonMaxSuppression'> = {
  NonMaxSuppression: nonMaxSuppression,
};
