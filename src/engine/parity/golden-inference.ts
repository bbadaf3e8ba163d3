import { equal, near, type Check } from './checks.js';
import type { Answer, DetectionAnswer, ScoreAnswer } from './document-types.js';

const SCORE_TOLERANCE = 1e-3;
const BOX_TOLERANCE_PIXELS = 0.1;
/** Relative. */
const MASK_SUM_TOLERANCE = 1e-3;
/**
 * Scores this close, relative to themselves, may change places. A detector filled by the hash gives its best detections
 * nearly the same score: by the tolerance of a score all of them would tie, and any order would pass. PyTorch's own
 * float32 changes these scores by 1e-7 of themselves.
 */
const TIE = 1e-5;

/** Of the root mean square of all scores, and of the norm itself. */
const CLASS_SCORE_TOLERANCE = 1e-3;

export function inferenceChecks(actual: Answer | undefined, expected: Answer): Check[] {
  if (isScores(expected)) return scoreChecks(actual && isScores(actual) ? actual : undefined, expected);
  return detectionChecks(actual && !isScores(actual) ? actual : undefined, expected);
}

function isScores(answer: Answer): answer is ScoreAnswer {
  return 'norm' in answer;
}

function scoreChecks(actual: ScoreAnswer | undefined, expected: ScoreAnswer): Check[] {
  const elements = expected.shape.reduce((product, size) => product * size, 1);
  const tolerance = (CLASS_SCORE_TOLERANCE * expected.norm) / Math.sqrt(elements);
  return [
    equal('score', 'inference.rank', actual?.shape.length, expected.shape.length),
    ...expected.shape.map((size, axis) => equal('score', `inference.shape.${String(axis)}`, actual?.shape[axis], size)),
    near('score', 'inference.norm', actual?.norm, expected.norm, CLASS_SCORE_TOLERANCE * expected.norm),
    ...expected.first.map((score, i) =>
      near('score', `inference.first.${String(i)}`, actual?.first[i], score, tolerance),
    ),
  ];
}

/**
 * Answers image by image: as many detections, and for each one shown by the golden the same label, score and box, at
 * the same rank or at one whose score ties with it. A detection that ties with one just past the end of the list is a
 * discrepancy: nothing is there to compare it with.
 */
function detectionChecks(
  actual: readonly DetectionAnswer[] | undefined,
  expected: readonly DetectionAnswer[],
): Check[] {
  return [
    equal('detections', 'inference.length', actual?.length, expected.length),
    ...expected.flatMap((answer, image) => {
      const given = actual?.[image];
      return given === undefined ? [] : imageChecks(`inference.${String(image)}`, given, answer);
    }),
  ];
}

function imageChecks(subject: string, actual: DetectionAnswer, expected: DetectionAnswer): Check[] {
  const ranks = matchedRanks(actual, expected);
  return [
    equal('detections', `${subject}.detections`, actual.detections, expected.detections),
    equal('detections', `${subject}.shown`, actual.scores.length, expected.scores.length),
    ...ranks.flatMap((rank, i) => {
      const at = `${subject}.${String(i)}`;
      return [
        equal('label', `${at}.label`, actual.labels[rank], expected.labels[i]),
        near('score', `${at}.score`, actual.scores[rank], expected.scores[i] ?? NaN, SCORE_TOLERANCE),
        ...(expected.boxes[i] ?? []).map((coordinate, k) =>
          near('box', `${at}.box.${String(k)}`, actual.boxes[rank]?.[k], coordinate, BOX_TOLERANCE_PIXELS),
        ),
      ];
    }),
    ...maskChecks(subject, actual.mask_sum, expected.mask_sum),
  ];
}

function maskChecks(subject: string, actual: number | undefined, expected: number | undefined): Check[] {
  if (expected === undefined) return [equal('mask', `${subject}.mask_sum`, actual, undefined)];
  return [near('mask', `${subject}.mask_sum`, actual, expected, MASK_SUM_TOLERANCE * Math.abs(expected))];
}

/** For each detection of `expected` the rank in `actual` that answers it; no rank answers twice. */
function matchedRanks(actual: DetectionAnswer, expected: DetectionAnswer): number[] {
  const ranks = expected.scores.map((_, i) => i);
  const sameDetection = (rank: number, i: number): boolean =>
    actual.labels[rank] === expected.labels[i] && sameBox(actual.boxes[rank], expected.boxes[i]);
  const tied = (i: number, j: number): boolean => {
    const [a = NaN, b = NaN] = [expected.scores[i], expected.scores[j]];
    return Math.abs(a - b) <= TIE * Math.max(a, b);
  };
  const astray = ranks.filter((i) => !sameDetection(i, i));
  const free = new Set(astray);
  const matched = [...ranks];
  const unmatched = astray.filter((i) => {
    const rank = [...free].find((candidate) => tied(i, candidate) && sameDetection(candidate, i));
    if (rank === undefined) return true;
    free.delete(rank);
    matched[i] = rank;
    return false;
  });
  const left = [...free];
  unmatched.forEach((i, k) => (matched[i] = left[k] ?? i));
  return matched;
}

function sameBox(a: readonly number[] | undefined, b: readonly number[] | undefined): boolean {
  return (
    a !== undefined &&
    b?.every((coordinate, k) => Math.abs(coordinate - (a[k] ?? NaN)) <= BOX_TOLERANCE_PIXELS) === true
  );
}
