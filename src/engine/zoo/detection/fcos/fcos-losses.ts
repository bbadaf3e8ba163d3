import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import {
  add,
  concat,
  div,
  expand,
  gatherElements,
  max,
  min,
  mul,
  reshape,
  slice,
  sqrt,
  sub,
} from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import type { MapAnchors } from '../../../nn/anchors.js';
import { decodeDistances, generalizedIouLoss } from '../../../nn/boxes.js';
import { binaryCrossEntropy, perImage, sumAll } from '../../../nn/losses.js';
import { rowsAt } from '../../../nn/rows.js';
import type { TrainingResult } from '../../architecture.js';
import { classLosses } from '../one-stage/class-losses.js';
import type { HeadOutputs } from '../one-stage/head.js';
import { anchorRows } from '../one-stage/head.js';
import type { Objects } from '../one-stage/one-stage.js';
import { matchPositions } from './fcos-matching.js';

/** Keeps the ratios of positions outside their object's box finite; none of them counts. */
const SMALLEST_DISTANCE = 1e-6;

/**
 * FCOS's three losses (Tian et al. 2020, section 3; torchvision's `FCOSHead.compute_loss`): focal loss of every position,
 * generalised overlap of the positives' boxes, cross entropy of their centerness, all over the number of positives in the
 * batch.
 */
export function fcosLosses(
  g: Graph,
  { logits, codes, centerness }: HeadOutputs,
  anchors: readonly MapAnchors[],
  { boxes, labels }: Objects,
  numClasses: number,
): TrainingResult {
  if (!centerness) throw new TypeError('FCOS tells the centerness of each position');
  const rows = concat(
    g,
    anchors.map((map) => anchorRows(g, map)),
    0,
  );
  const [count = 0] = staticShape('the anchors', rows.shape);
  const [images = 0] = staticShape('the labels', labels.shape);
  const { targets, positive } = matchPositions(g, anchors, boxes);
  const positives = sumAll(g, positive);
  const divisor = max(g, positives, g.scalar(1));
  const ofPositives = (losses: Value): Value => div(g, sumAll(g, mul(g, losses, positive)), divisor);

  const classification = classLosses(g, logits, numClasses, {
    classes: gatherElements(g, labels, targets, 1),
    positive,
    counted: expand(g, g.scalar(1), [images, count]),
  });
  const places = reshape(g, rows, [1, count, 4]);
  const wanted = rowsAt(g, boxes, targets);
  const overlap = generalizedIouLoss(g, decodeDistances(g, concat(g, codes, 1), places), wanted);
  const centring = binaryCrossEntropy(g, concat(g, centerness, 1), centernessOf(g, places, wanted));
  return {
    losses: new Map([
      ['classification', div(g, sumAll(g, classification), divisor)],
      ['bbox_regression', ofPositives(reshape(g, overlap, [images, count]))],
      ['bbox_ctrness', ofPositives(centring)],
    ]),
    positivesPerImage: perImage(g, positives, boxes),
    maskPlacesPerImage: null,
  };
}

/**
 * How near the centres of anchors lie to those of their boxes, from 0 to 1 (Tian et al. 2020, equation 3):
 * sqrt(min(l, r) / max(l, r) min(t, b) / max(t, b)) with the distances to the four edges; 0 outside.
 *
 * @param anchors `[1, anchors, 4]`
 * @param boxes `[N, anchors, 4]`
 * @returns `[N, anchors]`
 */
function centernessOf(g: Graph, anchors: Value, boxes: Value): Value {
  const [images = 0, count = 0] = staticShape('the boxes', boxes.shape);
  const [before, after] = [slice(g, boxes, 2, 0, 2), slice(g, boxes, 2, 2, 4)];
  const centre = mul(g, add(g, slice(g, anchors, 2, 0, 2), slice(g, anchors, 2, 2, 4)), g.scalar(0.5));
  const [toBefore, toAfter] = [sub(g, centre, before), sub(g, after, centre)];
  const nearer = max(g, min(g, toBefore, toAfter), g.scalar(0));
  const ratios = div(g, nearer, max(g, max(g, toBefore, toAfter), g.scalar(SMALLEST_DISTANCE)));
  const ratio = (axis: number): Value => slice(g, ratios, 2, axis, axis + 1);
  return reshape(g, sqrt(g, mul(g, ratio(0), ratio(1))), [images, count]);
}
