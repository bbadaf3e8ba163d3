import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, reduceSum, reshape, slice, transpose } from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import type { FocalTargets } from '../../../nn/losses.js';
import { sigmoidFocalLoss } from '../../../nn/losses.js';
import { gridOf } from './head.js';

/**
 * Focal losses of all anchors and classes, summed over each image: `[N]`. The logits stay in the layout in which they come,
 * `[N, shapes, classes, H * W]`; the targets, a hundredth of them, are brought into it.
 *
 * @param logits `[N, shapes * classes, H, W]` of each map
 * @param targets of all maps, each `[N, anchors]`
 */
export function classLosses(
  g: Graph,
  logits: readonly Value[],
  numClasses: number,
  { classes, positive, counted }: FocalTargets,
): Value {
  let start = 0;
  const losses = logits.map((map) => {
    const [images = 0, channels = 0] = staticShape('the logits', map.shape);
    const [height, width] = gridOf(map);
    const [shapes, positions] = [channels / numClasses, height * width];
    const end = start + shapes * positions;
    const byRow = (values: Value): Value => {
      const own = reshape(g, slice(g, values, 1, start, end), [images, positions, shapes]);
      return reshape(g, transpose(g, own, [0, 2, 1]), [images * shapes, positions]);
    };
    const rows = reshape(g, map, [images * shapes, numClasses, positions]);
    const loss = sigmoidFocalLoss(g, rows, {
      classes: byRow(classes),
      positive: byRow(positive),
      counted: byRow(counted),
    });
    start = end;
    return reduceSum(g, reshape(g, loss, [images, shapes]), [1]);
  });
  return losses.reduce((sum, loss) => add(g, sum, loss));
}
