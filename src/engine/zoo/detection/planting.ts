import type { Graph } from '../../graph/graph.js';
import type { Value } from '../../graph/node.js';
import { add, expand, mul, relu, reshape } from '../../graph/ops.js';
import type { PlantedCounts } from '../architecture.js';

export interface CandidateGrid {
  readonly images: number;
  readonly classes: number;
  /** Places for candidates in each class. */
  readonly kept: number;
  /** Most detections that the network keeps of an image. */
  readonly limit: number;
  readonly imageSize: readonly [height: number, width: number];
}

/** (box, class) pairs on their way to non-maximum suppression, one row a class. */
export interface Candidates {
  /** `[N * classes, kept]` */
  readonly scores: Value;
  /** `[N * classes, kept, 4]` */
  readonly boxes: Value;
}

/** The counts cannot be planted. */
export class PlantingError extends Error {
  readonly code = 'counts-out-of-range';
}

const NO_CANDIDATE = -1;
const CANDIDATE = 0.5;
/**
 * Of candidates at random places, as many survive non-maximum suppression: 11,500 of the 27,000 that random weights
 * give SSDlite. So many are planted where the network's limit then cuts them to its detections.
 */
const SURVIVING_SHARE = 0.43;
/** What is left of the network's own scores and boxes: enough to order the candidates, too little to change counts. */
const SCORE_SHARE = 0.01;
const BOX_SHARE = 1e-4;

/**
 * Replaces the candidates by as many as a trained network would find, in groups of overlapping boxes of which
 * non-maximum suppression leaves one each. What the network computed still takes part, scaled down, so that nothing of
 * it is left out and every weight keeps its influence.
 */
export function plantedCandidates(
  g: Graph,
  found: Candidates,
  grid: CandidateGrid,
  { candidatesPerImage, detectionsPerImage }: PlantedCounts,
): Candidates {
  const { images, classes, kept } = grid;
  if (candidatesPerImage > classes * kept || detectionsPerImage > candidatesPerImage) {
    throw new PlantingError(
      `${detectionsPerImage} detections of ${candidatesPerImage} candidates cannot be planted: at most ` +
        `${classes * kept} candidates, and no more detections than candidates`,
    );
  }
  const survivors =
    detectionsPerImage < grid.limit
      ? detectionsPerImage
      : Math.max(detectionsPerImage, Math.floor(SURVIVING_SHARE * candidatesPerImage));
  const { scores, boxes } = layOut(grid, candidatesPerImage, survivors);
  const repeated = (value: Value, shape: readonly number[]): Value =>
    reshape(g, expand(g, value, [images, classes, ...shape]), [images * classes, ...shape]);
  return {
    scores: add(
      g,
      // What is no candidate by itself is marked by a score far below 0, which must not reach the planted ones.
      mul(g, relu(g, found.scores), g.scalar(SCORE_SHARE)),
      repeated(g.constant('float32', [1, classes, kept], scores), [kept]),
    ),
    boxes: add(
      g,
      mul(g, found.boxes, g.scalar(BOX_SHARE)),
      repeated(g.constant('float32', [1, classes, kept, 4], boxes), [kept, 4]),
    ),
  };
}

/**
 * Groups go to the classes in turn; those of one class lie side by side on a grid over the image, those of one group
 * on top of each other.
 */
function layOut(
  { classes, kept, imageSize: [height, width] }: CandidateGrid,
  candidates: number,
  groups: number,
): { readonly scores: Float32Array; readonly boxes: Float32Array } {
  const scores = new Float32Array(classes * kept).fill(NO_CANDIDATE);
  const boxes = new Float32Array(classes * kept * 4);
  const columns = Math.ceil(Math.sqrt(Math.ceil(groups / classes)));
  const used = new Int32Array(classes);
  const shares = sharesOf(candidates, groups, classes, kept);
  shares.forEach((size, group) => {
    const label = group % classes;
    const cell = Math.floor(group / classes);
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    for (let member = 0; member < size; member++) {
      const place = label * kept + (used[label] ?? 0);
      used[label] = (used[label] ?? 0) + 1;
      scores[place] = CANDIDATE;
      // A quarter of the cell stays free on each side, so that jitter by the network's own boxes joins no two groups.
      boxes.set(
        [(column + 0.25) / columns, (row + 0.25) / columns, (column + 0.75) / columns, (row + 0.75) / columns].map(
          (share, edge) => share * (edge % 2 === 0 ? width : height),
        ),
        place * 4,
      );
    }
  });
  return { scores, boxes };
}

/** Candidates of each group, as even as the places of the classes allow. */
function sharesOf(candidates: number, groups: number, classes: number, kept: number): readonly number[] {
  const shares = new Array<number>(groups).fill(0);
  const used = new Int32Array(classes);
  let left = candidates;
  while (left > 0) {
    const before = left;
    for (let group = 0; group < groups && left > 0; group++) {
      const label = group % classes;
      if ((used[label] ?? 0) >= kept) continue;
      used[label] = (used[label] ?? 0) + 1;
      shares[group] = (shares[group] ?? 0) + 1;
      left--;
    }
    if (left === before) {
      throw new PlantingError(
        `${candidates} candidates do not fit into ${groups} groups of overlapping boxes: a class holds ${kept}`,
      );
    }
  }
  return shares;
}
