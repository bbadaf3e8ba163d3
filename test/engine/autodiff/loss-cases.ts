import { generalizedIouLoss } from '../../../src/engine/nn/boxes.js';
import { sigmoidFocalLoss } from '../../../src/engine/nn/losses.js';
import type { GradientCase } from './gradient-case.js';
import { curved, operand } from './gradient-case.js';

/** Rows with no positive, some, and all, and with places that count for nothing. */
const PLACES = {
  classes: [0, 1, 2, 0, 2, 2, 1, 0, 1, 1, 2, 0],
  positive: [0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1],
  counted: [1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
};

const focal = (name: string, reach: number, alpha: number): GradientCase =>
  curved('SigmoidFocalLoss', name, [operand([3, 3, 4], { from: -reach, to: reach })], (g, logits) =>
    sigmoidFocalLoss(
      g,
      logits,
      {
        classes: g.int64(PLACES.classes, [3, 4]),
        positive: g.float32(PLACES.positive, [3, 4]),
        counted: g.float32(PLACES.counted, [3, 4]),
      },
      alpha,
    ),
  );

/** Boxes that overlap, lie inside, around and apart from their targets; differences move no edge past another. */
const BOXES = [
  [0, 0, 2, 3],
  [1, 1.5, 4.5, 5],
  [0.5, 0.5, 1.5, 1.5],
  [10, 1, 12, 2.5],
];
const TARGETS = [
  [1, 1.5, 4, 4.5],
  [2, 2.5, 3.5, 4],
  [0, 0, 2.5, 3],
  [0.5, 4.5, 2.5, 7],
];

export const lossCases = [
  focal('around 0', 2, 0.25),
  focal('certain ones', 5, 0.6),
  curved('Relu', 'in the loss of generalised overlap', [operand([4, 4], { from: -0.2, to: 0.2 })], (g, shifts) =>
    generalizedIouLoss(
      g,
      g.op('Add', [shifts, g.float32(BOXES.flat(), [4, 4])], {}),
      g.float32(TARGETS.flat(), [4, 4]),
    ),
  ),
];
