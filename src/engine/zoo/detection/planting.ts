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

/** (box, class) pairs on their way to non-maximum suppression, each of any class. */
export interface LabelledCandidates {
  /** `[N, places]` */
  readonly scores: Value;
  /** `[N, places, 4]` */
  readonly boxes: Value;
  /** Class, from 0: int64 `[N, places]`. */
  readonly labels: Value;
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
export function plantedCandidates(g: Graph, found: Candidates, grid: CandidateGrid, counts: PlantedCounts): Candidates {
  const { images, classes, kept } = grid;
  const groups = groupsOf(grid, classes * kept, counts);
  let made: Placed | null = null;
  const planted = (): Placed => {
    const used = new Int32Array(classes);
    made ??= placed(classes * kept, layOut(grid, groups), ({ label }) => {
      const place = label * kept + (used[label] ?? 0);
      used[label] = (used[label] ?? 0) + 1;
      return place;
    });
    return made;
  };
  const repeated = (value: Value, shape: readonly number[]): Value =>
    reshape(g, expand(g, value, [images, classes, ...shape]), [images * classes, ...shape]);
  return {
    scores: mixedScores(
      g,
      found.scores,
      repeated(
        g.deferredConstant('float32', [1, classes, kept], () => planted().scores),
        [kept],
      ),
    ),
    boxes: mixedBoxes(
      g,
      found.boxes,
      repeated(
        g.deferredConstant('float32', [1, classes, kept, 4], () => planted().boxes),
        [kept, 4],
      ),
    ),
  };
}

/** The same for pairs in no order of classes: `kept` of the grid are the places of an image, whatever the class. */
export function plantedPairs(
  g: Graph,
  found: LabelledCandidates,
  grid: CandidateGrid,
  counts: PlantedCounts,
): LabelledCandidates {
  const { images, kept } = grid;
  const groups = groupsOf(grid, kept, counts);
  const candidates = layOut(grid, groups);
  const { scores, boxes } = placed(kept, candidates, (_, index) => index);
  const labels = Array.from({ length: kept }, (_, place) => candidates[place]?.label ?? 0);
  return {
    scores: mixedScores(g, found.scores, g.constant('float32', [1, kept], scores)),
    boxes: mixedBoxes(g, found.boxes, g.constant('float32', [1, kept, 4], boxes)),
    labels: expand(g, g.int64(labels, [1, kept]), [images, kept]),
  };
}

function mixedScores(g: Graph, found: Value, planted: Value): Value {
  // What is no candidate by itself is marked by a score far below 0, which must not reach the planted ones.
  return add(g, mul(g, relu(g, found), g.scalar(SCORE_SHARE)), planted);
}

function mixedBoxes(g: Graph, found: Value, planted: Value): Value {
  return add(g, mul(g, found, g.scalar(BOX_SHARE)), planted);
}

interface PlantedCandidate {
  readonly label: number;
  /** x1, y1, x2, y2 in pixels. */
  readonly box: readonly number[];
}

interface Placed {
  readonly scores: Float32Array;
  readonly boxes: Float32Array;
}

/** Scores and boxes of `places` places, with the candidates at those that `placeOf` gives them. */
function placed(
  places: number,
  candidates: readonly PlantedCandidate[],
  placeOf: (candidate: PlantedCandidate, index: number) => number,
): Placed {
  const scores = new Float32Array(places).fill(NO_CANDIDATE);
  const boxes = new Float32Array(places * 4);
  candidates.forEach((candidate, index) => {
    const place = placeOf(candidate, index);
    scores[place] = CANDIDATE;
    boxes.set(candidate.box, place * 4);
  });
  return { scores, boxes };
}

/** Candidates of each group of overlapping boxes. @throws PlantingError */
function groupsOf(
  { classes, kept, limit }: CandidateGrid,
  places: number,
  { candidatesPerImage, detectionsPerImage }: PlantedCounts,
): readonly number[] {
  if (candidatesPerImage > places || detectionsPerImage > candidatesPerImage) {
    throw new PlantingError(
      `${detectionsPerImage} detections of ${candidatesPerImage} candidates cannot be planted: at most ` +
        `${places} candidates, and no more detections than candidates`,
    );
  }
  const groups =
    detectionsPerImage < limit
      ? detectionsPerImage
      : Math.max(detectionsPerImage, Math.floor(SURVIVING_SHARE * candidatesPerImage));
  return sharesOf(candidatesPerImage, groups, classes, kept);
}

/**
 * Groups go to the classes in turn; those of one class lie side by side on a grid over the image, those of one group
 * on top of each other.
 *
 * @param sizes of the groups
 */
function layOut(
  { classes, imageSize: [height, width] }: CandidateGrid,
  sizes: readonly number[],
): readonly PlantedCandidate[] {
  const columns = Math.ceil(Math.sqrt(Math.ceil(sizes.length / classes)));
  return sizes.flatMap((size, group) => {
    const cell = Math.floor(group / classes);
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    // A quarter of the cell stays free on each side, so that jitter by the network's own boxes joins no two groups.
    const shares = [column + 0.25, row + 0.25, column + 0.75, row + 0.75].map((edge) => edge / columns);
    const box = shares.map((share, edge) => share * (edge % 2 === 0 ? width : height));
    return Array.from({ length: size }, () => ({ label: group % classes, box }));
  });
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
