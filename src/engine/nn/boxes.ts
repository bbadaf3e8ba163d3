import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import {
  add,
  clip,
  concat,
  div,
  exp,
  greaterOrEqual,
  log,
  max,
  min,
  mul,
  relu,
  reshape,
  slice,
  sub,
} from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** How far each of (x, y, w, h) is stretched in box codes. */
export type CodeWeights = readonly [x: number, y: number, w: number, h: number];

/** Keeps exp() of coded sizes finite: a box grows at most 1000/16-fold (torchvision's BoxCoder). */
const MAX_LOG_GROWTH = Math.log(1000 / 16);

interface Edges {
  readonly x1: Value;
  readonly y1: Value;
  readonly x2: Value;
  readonly y2: Value;
}

interface CentredBox {
  readonly x: Value;
  readonly y: Value;
  readonly w: Value;
  readonly h: Value;
}

/** The four columns of `[..., 4]`, each `[..., 1]`. */
function edgesOf(g: Graph, boxes: Value): Edges {
  const axis = boxes.shape.length - 1;
  const column = (index: number): Value => slice(g, boxes, axis, index, index + 1);
  return { x1: column(0), y1: column(1), x2: column(2), y2: column(3) };
}

function centred(g: Graph, boxes: Value): CentredBox {
  const { x1, y1, x2, y2 } = edgesOf(g, boxes);
  const half = g.scalar(0.5);
  const [w, h] = [sub(g, x2, x1), sub(g, y2, y1)];
  return { x: add(g, x1, mul(g, half, w)), y: add(g, y1, mul(g, half, h)), w, h };
}

/** Intersection over union of each of `a` `[..., M, 4]` with each of `b` `[..., K, 4]`: `[..., M, K]`. */
export function boxIou(g: Graph, a: Value, b: Value): Value {
  const row = (column: Value): Value => {
    const shape = staticShape('the boxes', column.shape);
    return reshape(g, column, [...shape.slice(0, -2), 1, at(shape, -2)]);
  };
  const edgesA = edgesOf(g, a);
  const columns = edgesOf(g, b);
  const edgesB = { x1: row(columns.x1), y1: row(columns.y1), x2: row(columns.x2), y2: row(columns.y2) };
  const area = ({ x1, y1, x2, y2 }: Edges): Value => mul(g, sub(g, x2, x1), sub(g, y2, y1));
  const overlap = (begin: 'x1' | 'y1', end: 'x2' | 'y2'): Value =>
    relu(g, sub(g, min(g, edgesA[end], edgesB[end]), max(g, edgesA[begin], edgesB[begin])));
  const intersection = mul(g, overlap('x1', 'x2'), overlap('y1', 'y2'));
  return div(g, intersection, sub(g, add(g, area(edgesA), area(edgesB)), intersection));
}

/** Keeps divisions by areas finite, as in torchvision. */
const AREA_EPSILON = 1e-7;

/**
 * 1 - generalised intersection over union (Rezatofighi et al. 2019) of each of `boxes` `[..., 4]` with its own of `targets`:
 * `[count]`. Boxes alone pass gradients on.
 */
export function generalizedIouLoss(g: Graph, boxes: Value, targets: Value): Value {
  const one = g.scalar(1);
  const epsilon = g.scalar(AREA_EPSILON);
  const columns = (value: Value): Edges => {
    const { x1, y1, x2, y2 } = edgesOf(g, value);
    const flat = (column: Value): Value => reshape(g, column, [-1]);
    return { x1: flat(x1), y1: flat(y1), x2: flat(x2), y2: flat(y2) };
  };
  const [box, target] = [columns(boxes), columns(targets)];
  const larger = (edge: keyof Edges): Value => add(g, target[edge], relu(g, sub(g, box[edge], target[edge])));
  const smaller = (edge: keyof Edges): Value => sub(g, target[edge], relu(g, sub(g, target[edge], box[edge])));
  const area = ({ x1, y1, x2, y2 }: Edges): Value => mul(g, sub(g, x2, x1), sub(g, y2, y1));
  const intersection = mul(
    g,
    relu(g, sub(g, smaller('x2'), larger('x1'))),
    relu(g, sub(g, smaller('y2'), larger('y1'))),
  );
  const union = sub(g, add(g, area(box), area(target)), intersection);
  const enclosing = area({ x1: smaller('x1'), y1: smaller('y1'), x2: larger('x2'), y2: larger('y2') });
  const overlap = div(g, intersection, add(g, union, epsilon));
  const emptiness = div(g, sub(g, enclosing, union), add(g, enclosing, epsilon));
  return add(g, sub(g, one, overlap), emptiness);
}

/** The boxes that lie around the centres of square `anchors` by `distances` (left, top, right, bottom) times their side. */
export function decodeDistances(g: Graph, distances: Value, anchors: Value): Value {
  const axis = anchors.shape.length - 1;
  const { x, y, w } = centred(g, anchors);
  const reach = mul(g, distances, w);
  const centre = concat(g, [x, y], axis);
  return concat(g, [sub(g, centre, slice(g, reach, axis, 0, 2)), add(g, centre, slice(g, reach, axis, 2, 4))], axis);
}

/** Codes that carry `anchors` to `boxes` (both `[..., 4]`), as Faster R-CNN defines them. */
export function encodeBoxes(g: Graph, boxes: Value, anchors: Value, weights: CodeWeights): Value {
  const [box, anchor] = [centred(g, boxes), centred(g, anchors)];
  const [wx, wy, ww, wh] = weights.map((weight) => g.scalar(weight));
  const shift = (weight: Value, to: Value, from: Value, size: Value): Value =>
    div(g, mul(g, weight, sub(g, to, from)), size);
  const growth = (weight: Value, to: Value, from: Value): Value => mul(g, weight, log(g, div(g, to, from)));
  if (!wx || !wy || !ww || !wh) throw new RangeError('four weights are needed');
  return concat(
    g,
    [
      shift(wx, box.x, anchor.x, anchor.w),
      shift(wy, box.y, anchor.y, anchor.h),
      growth(ww, box.w, anchor.w),
      growth(wh, box.h, anchor.h),
    ],
    boxes.shape.length - 1,
  );
}

/** The boxes that `codes` make of `anchors` (both `[..., 4]`). */
export function decodeBoxes(g: Graph, codes: Value, anchors: Value, weights: CodeWeights): Value {
  const anchor = centred(g, anchors);
  const code = edgesOf(g, codes);
  const half = g.scalar(0.5);
  const moved = (value: Value, weight: number, size: Value, from: Value): Value =>
    add(g, mul(g, div(g, value, g.scalar(weight)), size), from);
  const grown = (value: Value, weight: number, size: Value): Value =>
    mul(g, exp(g, clip(g, div(g, value, g.scalar(weight)), -Infinity, MAX_LOG_GROWTH)), size);
  const x = moved(code.x1, weights[0], anchor.w, anchor.x);
  const y = moved(code.y1, weights[1], anchor.h, anchor.y);
  const halfW = mul(g, half, grown(code.x2, weights[2], anchor.w));
  const halfH = mul(g, half, grown(code.y2, weights[3], anchor.h));
  return concat(g, [sub(g, x, halfW), sub(g, y, halfH), add(g, x, halfW), add(g, y, halfH)], codes.shape.length - 1);
}

/** Which of `[..., 4]` are at least `length` wide and high: bool `[...]`. */
export function sidesReach(g: Graph, boxes: Value, length: number): Value {
  const { x1, y1, x2, y2 } = edgesOf(g, boxes);
  const shorter = min(g, sub(g, x2, x1), sub(g, y2, y1));
  return greaterOrEqual(g, reshape(g, shorter, staticShape('the boxes', boxes.shape).slice(0, -1)), g.scalar(length));
}

/** Boxes `[..., 4]` cut off at the borders of an image. */
export function clipBoxes(g: Graph, boxes: Value, [height, width]: readonly [number, number]): Value {
  return max(g, min(g, boxes, g.float32([width, height, width, height])), g.scalar(0));
}
