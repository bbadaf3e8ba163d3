import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, concat, div, gatherElements, max, mul, reduceSum, reshape } from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import type { MapAnchors } from '../../../nn/anchors.js';
import type { CodeWeights } from '../../../nn/boxes.js';
import { boxIou, decodeBoxes, encodeBoxes, generalizedIouLoss } from '../../../nn/boxes.js';
import { l1, meanAll, perImage, sumAll } from '../../../nn/losses.js';
import { matchByThresholds } from '../../../nn/matching.js';
import { rowsAt } from '../../../nn/rows.js';
import type { TrainingResult } from '../../architecture.js';
import { classLosses } from '../one-stage/class-losses.js';
import type { HeadOutputs } from '../one-stage/head.js';
import { anchorRows } from '../one-stage/head.js';
import type { Objects } from '../one-stage/one-stage.js';

export const RETINANET_CODE_WEIGHTS: CodeWeights = [1, 1, 1, 1];

const THRESHOLDS = { foreground: 0.5, background: 0.4, bestOfEachTarget: true };

/** Loss of each of `count` anchors: `[count]`. Codes and wanted boxes are `[N, anchors, 4]`, anchors `[1, anchors, 4]`. */
export type BoxLoss = (g: Graph, codes: Value, wanted: Value, anchors: Value) => Value;

export const l1BoxLoss: BoxLoss = (g, codes, wanted, anchors) => {
  const differences = l1(g, codes, encodeBoxes(g, wanted, anchors, RETINANET_CODE_WEIGHTS));
  return reshape(g, reduceSum(g, differences, [2]), [-1]);
};

export const generalizedIouBoxLoss: BoxLoss = (g, codes, wanted, anchors) =>
  generalizedIouLoss(g, decodeBoxes(g, codes, anchors, RETINANET_CODE_WEIGHTS), wanted);

/**
 * RetinaNet's two losses (Lin et al. 2018, section 4; torchvision's `RetinaNet.compute_loss`): focal loss of every anchor
 * that is positive or negative, and the loss of the positives' boxes, both over the number of positives of their image.
 */
export function retinaNetLosses(
  g: Graph,
  { logits, codes }: HeadOutputs,
  anchors: readonly MapAnchors[],
  { boxes, labels }: Objects,
  numClasses: number,
  boxLoss: BoxLoss,
): TrainingResult {
  const rows = concat(
    g,
    anchors.map((map) => anchorRows(g, map)),
    0,
  );
  const [count = 0] = staticShape('the anchors', rows.shape);
  const { targets, positive, negative } = matchByThresholds(g, boxIou(g, boxes, rows), THRESHOLDS);
  const positives = reduceSum(g, positive, [1]);
  const divisor = max(g, positives, g.scalar(1));
  const classification = classLosses(g, logits, numClasses, {
    classes: gatherElements(g, labels, targets, 1),
    positive,
    counted: add(g, positive, negative),
  });
  const losses = boxLoss(g, concat(g, codes, 1), rowsAt(g, boxes, targets), reshape(g, rows, [1, count, 4]));
  const regression = reduceSum(g, mul(g, reshape(g, losses, [-1, count]), positive), [1]);
  return {
    losses: new Map([
      ['classification', meanAll(g, div(g, classification, divisor))],
      ['bbox_regression', meanAll(g, div(g, regression, divisor))],
    ]),
    positivesPerImage: perImage(g, sumAll(g, positives), boxes),
    maskPlacesPerImage: null,
  };
}
