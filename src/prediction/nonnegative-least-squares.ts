/** minimise |A x - b|^2 + sum over j of ridge_j (x_j - prior_j)^2, with no x_j below 0. */
export interface NonnegativeLeastSquares {
  /** A, row by row. An observation that is to weigh w comes with its row and its target times the square root of w. */
  readonly rows: readonly (readonly number[])[];
  /** b, of as many numbers as there are rows. */
  readonly targets: readonly number[];
  /** One a column, not negative; 0 leaves the column to the data. */
  readonly ridge: readonly number[];
  /** One a column: what x is drawn to. */
  readonly prior: readonly number[];
}

/** A gradient or a pivot below this share of its scale counts as 0. */
const TOLERANCE = 1e-11;
/** Times the number of columns: as often columns come in before it ends in any case. */
const MOST_ENTRIES = 3;

/** @returns x, one number a column, as of {@link solveNormalEquations} @throws RangeError where the parts are not of the same length */
export function nonnegativeLeastSquares(problem: NonnegativeLeastSquares): readonly number[] {
  return solveNormalEquations(normalEquations(problem));
}

/**
 * Exact, and the same for the same input: an active set on the normal equations (Lawson and Hanson, "Solving Least Squares
 * Problems", 1974, chapter 23), each column scaled to length 1. Of columns that are multiples of each other and have no
 * ridge, the first that helps is used. A column of zeros without a ridge gets 0.
 *
 * @returns x, one number a column
 */
export function solveNormalEquations(equations: NormalEquations): readonly number[] {
  const { gram, moments, scales } = scaled(equations);
  const count = scales.length;
  const solution = new Array<number>(count).fill(0);
  const passive: number[] = [];
  const smallest = TOLERANCE * Math.max(...moments.map(Math.abs), 0);
  let refused = new Set<number>();
  // Few columns come in more than once. Where rounding lets them come and go forever, any step so far is a solution.
  for (let entries = 0; entries < MOST_ENTRIES * count; entries += 1) {
    const entering = steepest(gram, moments, solution, (j) => !passive.includes(j) && !refused.has(j), smallest);
    if (entering === null) break;
    passive.push(entering);
    if (!solvePassive(gram, moments, solution, passive)) {
      passive.splice(passive.indexOf(entering), 1);
      refused.add(entering);
    } else if (passive.includes(entering)) {
      refused = new Set();
    } else {
      // It came and left within rounding; without this it would come again.
      refused.add(entering);
    }
  }
  return solution.map((value, j) => value * numberAt(scales, j));
}

/** What is solved: sums over all rows, so that those of several problems may be added, each times its weight. */
export interface NormalEquations {
  /** AᵀA + ridge. */
  readonly gram: readonly Float64Array[];
  /** Aᵀb + ridge * prior. */
  readonly moments: readonly number[];
}

/** With ones on the diagonal of `gram`. */
interface ScaledEquations extends NormalEquations {
  /** What a number of the scaled problem is multiplied by to be one of the problem; 0 for a column of zeros. */
  readonly scales: readonly number[];
}

function normalEquations({ rows, targets, ridge, prior }: NonnegativeLeastSquares): NormalEquations {
  const count = ridge.length;
  if (targets.length !== rows.length || prior.length !== count || rows.some(({ length }) => length !== count)) {
    throw new RangeError(
      `${rows.length} rows of ${rows.map(({ length }) => length).join(', ')} numbers, ${targets.length} targets, ` +
        `${count} ridges and ${prior.length} priors do not fit together`,
    );
  }
  const gram = Array.from({ length: count }, () => new Float64Array(count));
  const moments = ridge.map((weight, j) => weight * numberAt(prior, j));
  gram.forEach((line, j) => (line[j] = numberAt(ridge, j)));
  rows.forEach((row, index) => {
    const target = numberAt(targets, index);
    row.forEach((left, j) => {
      if (left === 0) return;
      moments[j] = numberAt(moments, j) + left * target;
      const line = lineAt(gram, j);
      row.forEach((right, k) => (line[k] = numberAt(line, k) + left * right));
    });
  });
  return { gram, moments };
}

function scaled({ gram, moments }: NormalEquations): ScaledEquations {
  const scales = gram.map((line, j) => {
    const square = numberAt(line, j);
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  return {
    gram: gram.map((line, j) => line.map((value, k) => value * numberAt(scales, j) * numberAt(scales, k))),
    moments: moments.map((value, j) => value * numberAt(scales, j)),
    scales,
  };
}

/** The column that the error falls with most steeply, of those that may be used; null where it falls with none. */
function steepest(
  gram: readonly Float64Array[],
  moments: readonly number[],
  solution: readonly number[],
  mayBeUsed: (column: number) => boolean,
  smallest: number,
): number | null {
  let best: number | null = null;
  let steepness = smallest;
  gram.forEach((line, j) => {
    if (!mayBeUsed(j)) return;
    const slope = solution.reduce((rest, value, k) => rest - numberAt(line, k) * value, numberAt(moments, j));
    if (slope <= steepness) return;
    best = j;
    steepness = slope;
  });
  return best;
}

/**
 * Solves for the columns in `passive`, the others being 0; a column that would be negative leaves.
 *
 * @param solution changed, unless false is returned
 * @returns false where the last column is a combination of the others, as far as numbers tell
 */
function solvePassive(
  gram: readonly Float64Array[],
  moments: readonly number[],
  solution: number[],
  passive: number[],
): boolean {
  for (;;) {
    const wanted = solveSymmetric(gram, moments, passive);
    if (!wanted) return false;
    const steps = passive.map((j, index) => {
      const [from, to] = [numberAt(solution, j), numberAt(wanted, index)];
      return to > 0 ? Infinity : from / (from - to);
    });
    const step = Math.min(1, ...steps.map((share) => (Number.isNaN(share) ? 0 : share)));
    const leaving = passive.filter(
      (_, index) => numberAt(steps, index) <= step || Number.isNaN(numberAt(steps, index)),
    );
    passive.forEach((j, index) => {
      const from = numberAt(solution, j);
      solution[j] = leaving.includes(j) ? 0 : from + step * (numberAt(wanted, index) - from);
    });
    if (leaving.length === 0) return true;
    for (const j of leaving) passive.splice(passive.indexOf(j), 1);
    if (passive.length === 0) return true;
  }
}

/** Cholesky's factors of the part of `gram` that `columns` are; null where a pivot vanishes. */
function solveSymmetric(
  gram: readonly Float64Array[],
  moments: readonly number[],
  columns: readonly number[],
): readonly number[] | null {
  const lower: Float64Array[] = [];
  const solved: number[] = [];
  for (const [row, j] of columns.entries()) {
    const line = new Float64Array(columns.length);
    for (let column = 0; column <= row; column += 1) {
      const other = column === row ? line : lineAt(lower, column);
      let rest = numberAt(lineAt(gram, j), numberAt(columns, column));
      for (let k = 0; k < column; k += 1) rest -= numberAt(line, k) * numberAt(other, k);
      if (column === row && rest <= TOLERANCE) return null;
      line[column] = column === row ? Math.sqrt(rest) : rest / numberAt(other, column);
    }
    lower.push(line);
    const rest = solved.reduce((sum, value, k) => sum - numberAt(line, k) * value, numberAt(moments, j));
    solved.push(rest / numberAt(line, row));
  }
  for (let row = columns.length - 1; row >= 0; row -= 1) {
    let rest = numberAt(solved, row);
    for (let k = row + 1; k < columns.length; k += 1) rest -= numberAt(lineAt(lower, k), row) * numberAt(solved, k);
    solved[row] = rest / numberAt(lineAt(lower, row), row);
  }
  return solved;
}

function lineAt(lines: readonly Float64Array[], index: number): Float64Array {
  const line = lines[index];
  if (!line) throw new RangeError(`line ${index} of ${lines.length} is not there`);
  return line;
}

/** Indices here come from the lengths of what they index. */
function numberAt(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}
