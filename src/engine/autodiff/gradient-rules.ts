import type { OperatorName } from '../graph/operators.js';
import type { GradientRules } from './gradient-rule.js';
import { elementwiseRules } from './rules/elementwise.js';
import { layerRules } from './rules/layers.js';
import { layoutRules } from './rules/layout.js';
import { lossRules } from './rules/losses.js';
import { regionRules } from './rules/regions.js';

/** The decision for every operator: a rule, a zero gradient, or none. An operator without one does not compile. */
export const GRADIENT_RULES: GradientRules<OperatorName> = {
  ...elementwiseRules,
  ...layoutRules,
  ...layerRules,
  ...lossRules,
  ...regionRules,
};
