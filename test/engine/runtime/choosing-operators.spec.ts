import { Graph } from '../../../src/engine/graph/graph.js';
import { argMax, scatterElements, topK } from '../../../src/engine/graph/ops.js';
import { execute } from '../support/execute.js';
import { numbers } from '../support/numbers.js';

/** What the project relies on of onnxruntime's operators that choose, where their documentation says nothing. */

describe('NonMaxSuppression, as torchvision’s nms', () => {
  /** Boxes that remain, in the order given: rows of x1, y1, x2, y2. */
  async function remaining(
    boxes: readonly (readonly number[])[],
    scores: readonly number[],
    overlapThreshold: number,
    scoreThreshold: number,
  ): Promise<readonly number[]> {
    const g = new Graph();
    const selected = g.op(
      'NonMaxSuppression',
      [
        g.float32(boxes.flat(), [1, boxes.length, 4]),
        g.float32(scores, [1, 1, scores.length]),
        g.int64([boxes.length]),
        g.float32([overlapThreshold]),
        g.float32([scoreThreshold]),
      ],
      { center_point_box: 0 },
    );
    const [rows] = await execute(g, [selected]);
    return numbers(rows).filter((_, index) => index % 3 === 2);
  }

  const WHOLE = [0, 0, 2, 2];
  const HALF = [0, 0, 2, 1];

  test('keeps a box whose overlap is the threshold, and suppresses one above it', async () => {
    expect(await remaining([WHOLE, HALF], [0.9, 0.8], 0.5, 0)).toEqual([0, 1]);
    expect(await remaining([WHOLE, HALF], [0.9, 0.8], 0.4999, 0)).toEqual([0]);
  });

  test('leaves out a score at the threshold', async () => {
    const apart = [
      [0, 0, 1, 1],
      [5, 5, 6, 6],
      [8, 8, 9, 9],
    ];
    expect(await remaining(apart, [0.5, 0.25, 0.125], 0.5, 0.25)).toEqual([0]);
    expect(await remaining(apart, [0.5, 0.25, 0.125], 0.5, 0.2499)).toEqual([0, 1]);
  });

  test('goes by falling scores, and at equal ones by the order given', async () => {
    const apart = [0, 3, 6, 9].map((x) => [x, 0, x + 1, 1]);
    expect(await remaining(apart, [0.2, 0.7, 0.9, 0.7], 0.5, 0)).toEqual([2, 1, 3, 0]);
    expect(await remaining([WHOLE, WHOLE], [0.5, 0.5], 0.5, 0)).toEqual([0]);
  });

  test('keeps what only a suppressed box overlaps', async () => {
    const chain = [0, 1, 2].map((x) => [x, 0, x + 2, 1]);
    expect(await remaining(chain, [0.9, 0.8, 0.7], 0.3, 0)).toEqual([0, 2]);
  });

  test('takes corners in either order, and boxes without area', async () => {
    expect(await remaining([WHOLE, [2, 2, 0, 0]], [0.9, 0.8], 0.5, 0)).toEqual([0]);
    expect(await remaining([[1, 1, 1, 1], WHOLE], [0.9, 0.8], 0.5, 0)).toEqual([0, 1]);
  });
});

describe('choices among equals', () => {
  test('TopK takes the first of equal numbers first', async () => {
    const g = new Graph();
    const [values, places] = topK(g, g.float32([3, 7, 7, 1, 7, 3]), 5, 0);
    expect((await execute(g, [values, places])).map(numbers)).toEqual([
      [7, 7, 7, 3, 3],
      [1, 2, 4, 0, 5],
    ]);
  });

  test('TopK of a whole long row does, too', async () => {
    const g = new Graph();
    const count = 3000;
    const [, places] = topK(g, g.float32(new Array<number>(count).fill(1)), count, 0);
    const [found] = await execute(g, [places]);
    expect(numbers(found)).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  test('ArgMax takes the first', async () => {
    const g = new Graph();
    const [found] = await execute(g, [argMax(g, g.float32([1, 5, 5, 2, 2, 2], [2, 3]), 1)]);
    expect(numbers(found)).toEqual([1, 0]);
  });

  test('ScatterElements lets the last of several writers win', async () => {
    const g = new Graph();
    const written = scatterElements(g, g.float32([0, 0, 0, 0]), g.int64([1, 3, 1, 1]), g.float32([10, 20, 30, 40]), 0);
    const [found] = await execute(g, [written]);
    expect(numbers(found)).toEqual([0, 40, 0, 20]);
  });

  test('ScatterElements with addition adds all of them', async () => {
    const g = new Graph();
    const added = g.op('ScatterElements', [g.float32([1, 1, 1]), g.int64([2, 0, 2]), g.float32([10, 20, 30])], {
      axis: 0,
      reduction: 'add',
    });
    const [found] = await execute(g, [added]);
    expect(numbers(found)).toEqual([21, 1, 41]);
  });
});
