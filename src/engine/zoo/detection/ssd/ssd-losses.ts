import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import {
  add,
  cast,
  div,
  expand,
  greaterOrEqual,
  less,
  max,
  mul,
  reduceSum,
  reshape,
  scatterElements,
  topK,
  where,
} from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { CodeWeights } from '../../../nn/boxes.js';
import { boxIou, encodeBoxes } from '../../../nn/boxes.js';
import { crossEntropy, perImage, smoothL1, sumAll } from '../../../nn/losses.js';
import { atLeastZero, matchDefaultBoxes } from '../../../nn/matching.js';
import { rowsAt } from '../../../nn/rows.js';
import type { TrainingResult } from '../../architecture.js';

export const SSD_CODE_WEIGHTS: CodeWeights = [10, 10, 5, 5];

const FOREGROUND_OVERLAP = 0.5;
const NEGATIVES_PER_POSITIVE = 3;

export interface SsdHeadOutputs {
  /** `[N, boxes, 4]` */
  readonly codes: Value;
  /** `[N, boxes, classes]` */
  readonly logits: Value;
}

/**
 * SSD's two losses (Liu et al. 2016, section 2.2; torchvision's `SSD.compute_loss`): smooth L1 of the codes of matched
 * boxes, and cross entropy of these and of three times as many negatives, the hardest, both over the number of matches.
 *
 * @param boxes targets at the computed image's scale, `[N, objects, 4]`
 * @param defaults `[boxes, 4]`
 */
export function ssdLosses(
  g: Graph,
  { codes, logits }: SsdHeadOutputs,
  boxes: Value,
  labels: Value,
  defaults: Value,
): TrainingResult {
  const count = at(staticShape('the default boxes', defaults.shape), 0);
  const matches = matchDefaultBoxes(g, boxIou(g, boxes, defaults), FOREGROUND_OVERLAP);
  const matched = greaterOrEqual(g, matches, g.int64([0], []));
  const matchedPerImage = reduceSum(g, cast(g, matched, 'float32'), [1], true);
  const matchedCount = sumAll(g, matchedPerImage);
  const divisor = max(g, matchedCount, g.scalar(1));

  const targets = atLeastZero(g, matches);
  const targetCodes = encodeBoxes(g, rowsAt(g, boxes, targets), reshape(g, defaults, [1, count, 4]), SSD_CODE_WEIGHTS);
  const codeLosses = reduceSum(g, smoothL1(g, codes, targetCodes), [2]);
  const codeLoss = sumAll(g, where(g, matched, codeLosses, g.scalar(0)));

  const matchedLabels = g.op('GatherElements', [labels, targets], { axis: 1 });
  const classes = where(g, matched, matchedLabels, g.int64([0], []));
  const classLosses = crossEntropy(g, logits, classes);
  const weights = add(
    g,
    cast(g, matched, 'float32'),
    cast(g, hardNegatives(g, classLosses, matched, matchedPerImage), 'float32'),
  );
  const classLoss = sumAll(g, mul(g, classLosses, weights));
  return {
    losses: new Map([
      ['bbox_regression', div(g, codeLoss, divisor)],
      ['classification', div(g, classLoss, divisor)],
    ]),
    positivesPerImage: perImage(g, matchedCount, boxes),
    maskPlacesPerImage: null,
  };
}

/** Which boxes are among their image's hardest negatives: bool `[N, boxes]`. Gradients end here. */
function hardNegatives(g: Graph, losses: Value, matched: Value, matchedPerImage: Value): Value {
  const [images = 0, count = 0] = staticShape('the losses', losses.shape);
  const [, hardestFirst] = topK(g, where(g, matched, g.scalar(-Infinity), losses), count, 1);
  const places = expand(
    g,
    g.deferredConstant('float32', [1, count], () => Float32Array.from({ length: count }, (_, i) => i)),
    [images, count],
  );
  const rank = scatterElements(g, places, hardestFirst, places, 1);
  return less(g, rank, mul(g, matchedPerImage, g.scalar(NEGATIVES_PER_POSITIVE)));
}
