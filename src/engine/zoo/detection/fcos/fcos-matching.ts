import type { Graph } from '../../../graph/graph.js';
import type { Value } from '../../../graph/node.js';
import {
  abs,
  add,
  and,
  argMax,
  cast,
  greater,
  less,
  max,
  min,
  mul,
  reduceMax,
  reshape,
  slice,
  sub,
} from '../../../graph/ops.js';
import { staticShape } from '../../../graph/tensor.js';
import type { MapAnchors } from '../../../nn/anchors.js';

/** How far from an object's centre a position may lie, in anchors' sides. */
const CENTRE_RADIUS = 1.5;
/** Distance from a position to the farthest edge of its object, in anchors' sides. */
const RANGE = { from: 4, to: 8 };
/** More than any area, so that the smallest object comes out first. */
const LARGEST_AREA = 1e8;

export interface FcosMatches {
  /** Index of the object that each anchor is to find: int64 `[N, anchors]`. */
  readonly targets: Value;
  /** 1 where there is one, else 0: float32 `[N, anchors]`. */
  readonly positive: Value;
}

/**
 * Which object each position learns (Tian et al. 2019, section 3.2; torchvision's `FCOS.compute_loss`): one whose box it
 * lies in, near its centre, of a size that its map is for; of several the smallest.
 *
 * @param anchors square, of each map
 * @param boxes of the objects: `[N, objects, 4]`
 */
export function matchPositions(g: Graph, anchors: readonly MapAnchors[], boxes: Value): FcosMatches {
  const [images = 0, objects = 0] = staticShape('the boxes', boxes.shape);
  const count = anchors.reduce((sum, map) => sum + map.count, 0);
  let found: Positions | null = null;
  const row = (valuesOf: (positions: Positions) => Float32Array): Value =>
    g.deferredConstant('float32', [1, 1, count], () => valuesOf((found ??= positionsOf(anchors))));
  const [px, py] = [row(({ x }) => x), row(({ y }) => y)];
  const edge = (index: number): Value => reshape(g, slice(g, boxes, 2, index, index + 1), [images, objects, 1]);
  const [x1, y1, x2, y2] = [edge(0), edge(1), edge(2), edge(3)];
  const middle = (a: Value, b: Value): Value => mul(g, add(g, a, b), g.scalar(0.5));
  const offCentre = max(g, abs(g, sub(g, px, middle(x1, x2))), abs(g, sub(g, py, middle(y1, y2))));
  const [left, top, right, bottom] = [sub(g, px, x1), sub(g, py, y1), sub(g, x2, px), sub(g, y2, py)];
  const nearest = min(g, min(g, left, top), min(g, right, bottom));
  const farthest = max(g, max(g, left, top), max(g, right, bottom));
  const central = less(
    g,
    offCentre,
    row(({ side }) => side.map((length) => CENTRE_RADIUS * length)),
  );
  const inside = greater(g, nearest, g.scalar(0));
  const fits = and(
    g,
    greater(
      g,
      farthest,
      row(({ from }) => from),
    ),
    less(
      g,
      farthest,
      row(({ to }) => to),
    ),
  );
  const matches = cast(g, and(g, and(g, central, inside), fits), 'float32');
  const area = mul(g, sub(g, x2, x1), sub(g, y2, y1));
  const preference = mul(g, matches, sub(g, g.scalar(LARGEST_AREA), area));
  const best = reduceMax(g, preference, [1]);
  return {
    targets: argMax(g, preference, 1),
    positive: cast(g, greater(g, best, g.scalar(0)), 'float32'),
  };
}

interface Positions {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly side: Float32Array;
  /** Distances to the farthest edge between which an object is of the position's map. */
  readonly from: Float32Array;
  readonly to: Float32Array;
}

/** The finest map takes objects however small, the coarsest however large. */
function positionsOf(maps: readonly MapAnchors[]): Positions {
  const all = maps.flatMap((anchors, map) =>
    Array.from({ length: anchors.count }, (_, index) => {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = anchors.rows().subarray(4 * index, 4 * index + 4);
      const side = x2 - x1;
      return {
        x: (x1 + x2) / 2,
        y: (y1 + y2) / 2,
        side,
        from: map === 0 ? 0 : RANGE.from * side,
        to: map === maps.length - 1 ? Infinity : RANGE.to * side,
      };
    }),
  );
  const column = (name: keyof (typeof all)[number]): Float32Array => Float32Array.from(all, (place) => place[name]);
  return { x: column('x'), y: column('y'), side: column('side'), from: column('from'), to: column('to') };
}
