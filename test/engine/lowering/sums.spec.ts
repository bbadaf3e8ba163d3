import { Graph } from '../../../src/engine/graph/graph.js';
import { reduceSum } from '../../../src/engine/graph/ops.js';
import { elementCount } from '../../../src/engine/graph/tensor.js';
import { operand, randomNumbers } from '../autodiff/gradient-case.js';
import { execute } from '../support/execute.js';
import { relativeError } from '../support/reference-layers.js';

const SEED = 5;
/** Twice the rounding of float32. */
const TOLERANCE = 2 * 2 ** -23;

/** The sums in double precision, in the order of the axes that are kept. */
function sums(shape: readonly number[], data: Float32Array, axes: readonly number[]): Float64Array {
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const totals = new Float64Array(elementCount(kept));
  data.forEach((value, index) => {
    let [rest, place, stride] = [index, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const [size, left] = [shape[axis] ?? NaN, kept[axis] ?? NaN];
      if (left > 1) place += (rest % size) * stride;
      rest = Math.floor(rest / size);
      stride *= left;
    }
    totals[place] = (totals[place] ?? NaN) + value;
  });
  return totals;
}

describe(`sums, to the last digits of float32 (seed ${SEED})`, () => {
  test.each([
    [[100], [0]],
    [[200_000], [0]],
    [
      [2, 192, 256],
      [0, 1, 2],
    ],
    [
      [2, 3, 96, 128],
      [0, 2, 3],
    ],
    [
      [2, 3, 96, 128],
      [2, 3],
    ],
    [
      [3, 5, 65, 65],
      [-3, -1, -2],
    ],
    [[4, 2000], [1]],
    [[2, 3001], [1]],
  ])('%j over %j', async (shape, axes) => {
    const data = randomNumbers(`sums of ${shape.join()}`, SEED, operand(shape, { from: 0, to: 1 }));
    const expected = sums(
      shape,
      data,
      axes.map((axis) => (axis < 0 ? axis + shape.length : axis)),
    );
    for (const keepdims of [false, true]) {
      const g = new Graph();
      const x = g.input('x', 'float32', shape);
      const [sum] = await execute(g, [reduceSum(g, x, axes, keepdims)], new Map([[x, data]]));
      expect(relativeError(sum, expected)).toBeLessThan(TOLERANCE);
    }
  });
});
