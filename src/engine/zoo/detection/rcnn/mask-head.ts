import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import { add, cast, div, gather, mul, relu, reshape, sigmoid } from '../../../graph/ops.js';
import { at, staticShape } from '../../../graph/tensor.js';
import type { NormOptions } from '../../../nn/layers.js';
import { conv2d, convTranspose2d } from '../../../nn/layers.js';
import { binaryCrossEntropy, sumAll } from '../../../nn/losses.js';
import type { Network } from '../../../nn/network.js';
import type { Occupancy } from '../../../nn/occupancy.js';
import { resizeMasks } from '../../../nn/preprocessing.js';
import { roiAlign } from '../../../nn/roi-align.js';
import type { TransformedSizes } from '../resize-transform.js';
import { regionConvolutions } from './region-convolutions.js';
import type { RegionMaps } from './region-features.js';
import { regionFeatures } from './region-features.js';
import type { TrainingSample } from './training-sample.js';

/** Modules of the mask branch, which computes once for each region. */
export const MASK_MODULES = ['roi_heads.mask_head', 'roi_heads.mask_predictor', 'roi_heads.mask_paste'];

const MASK_GRID = 14;
const HEAD_CHANNELS = [256, 256, 256, 256];

/** Side of the square of logits that describes a mask. */
const MASK_SIDE = 2 * MASK_GRID;

/**
 * Four 3x3 convolutions of the features of each region, doubled in size by a transposed one, then a mask for every class.
 *
 * @param boxes `[N, regions, 4]`
 * @param norm live norm behind each convolution; null: none
 * @param occupancy of the regions in training; null: all of them count
 * @returns `[N * regions, classes, side, side]`
 */
export function maskLogits(
  net: Network,
  regionMaps: RegionMaps,
  boxes: Value,
  { norm, numClasses, occupancy }: { norm: NormOptions | null; numClasses: number; occupancy: Occupancy | null },
): Value {
  const { g } = net;
  const features = net.module('mask_roi_pool', () => regionFeatures(g, regionMaps, boxes, MASK_GRID));
  const filtered = net.module('mask_head', () =>
    regionConvolutions(net, features, { channels: HEAD_CHANNELS, norm }, occupancy),
  );
  return net.module('mask_predictor', () => {
    const doubled = net.module('conv5_mask', () =>
      convTranspose2d(net, filtered, { outChannels: at(HEAD_CHANNELS, -1), kernel: 2, stride: 2 }),
    );
    return net.module('mask_fcn_logits', () =>
      conv2d(net, relu(g, doubled), { outChannels: numClasses, kernel: 1, bias: true }),
    );
  });
}

/** Of each region's masks `[regions, classes, side, side]` that of its class, int64 `[N, places]`: `[regions, side * side]`. */
function ofClass(g: Graph, masks: Value, labels: Value): Value {
  const [regions = 0, classes = 0, height = 0, width = 0] = staticShape('the masks', masks.shape);
  const first = g.int64(Array.from({ length: regions }, (_, region) => region * classes));
  const rows = reshape(g, masks, [regions * classes, height * width]);
  return gather(g, rows, add(g, reshape(g, labels, [regions]), first), 0);
}

/**
 * Loss of Mask R-CNN (He et al. 2017, section 3): of each positive region, cross entropy of its class's mask with the part
 * of the object's mask that lies in the region; mean over the pixels of all.
 *
 * @param masks pixels of the objects in the given images: bool `[N, objects, H, W]`
 */
export function maskLoss(
  g: Graph,
  logits: Value,
  sample: TrainingSample,
  masks: Value,
  { resized }: TransformedSizes,
): Value {
  const [images = 0, objects = 0] = staticShape('the masks', masks.shape);
  const [, places = 0] = staticShape('the sample', sample.labels.shape);
  const pixels = MASK_SIDE * MASK_SIDE;
  const whole = cast(g, reshape(g, resizeMasks(g, masks, resized), [images * objects, 1, ...resized]), 'float32');
  const firstObject = g.int64(
    Array.from({ length: images }, (_, image) => image * objects),
    [images, 1],
  );
  const owners = reshape(g, add(g, sample.targets, firstObject), [images * places]);
  const wanted = roiAlign(g, whole, reshape(g, sample.boxes, [-1, 4]), owners, {
    outputSize: [MASK_SIDE, MASK_SIDE],
    // As many samples as there are pixels.
    samplingRatio: 0,
    spatialScale: 1,
  });
  const losses = binaryCrossEntropy(
    g,
    ofClass(g, logits, sample.labels),
    reshape(g, wanted, [images * places, pixels]),
  );
  const counted = sumAll(g, mul(g, losses, reshape(g, sample.positive, [images * places, 1])));
  return div(g, counted, mul(g, sumAll(g, sample.positive), g.scalar(pixels)));
}

/** Share of object at each point of a detection's mask: `[N, detections, side, side]`. */
export function maskProbabilities(g: Graph, logits: Value, labels: Value): Value {
  const [images = 0, detections = 0] = staticShape('the labels', labels.shape);
  return sigmoid(g, reshape(g, ofClass(g, logits, labels), [images, detections, MASK_SIDE, MASK_SIDE]));
}
