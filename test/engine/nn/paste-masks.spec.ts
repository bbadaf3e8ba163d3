import { Graph } from '../../../src/engine/graph/graph.js';
import { pasteMasks } from '../../../src/engine/nn/paste-masks.js';
import { mappedUniform } from '../../../src/engine/synthetic/hash.js';
import { execute } from '../support/execute.js';
import type { Region } from '../support/reference-regions.js';
import { pastedMask } from '../support/reference-regions.js';

const SIDE = 28;
const IMAGE = [40, 60] as const;
const TOLERANCE = 1e-5;

const BOXES: readonly (readonly [name: string, box: Region['box']])[] = [
  ['the whole image', [0, 0, 60, 40]],
  ['larger than the mask', [3.2, 2.1, 55.7, 38.4]],
  ['smaller than the mask', [20, 10, 31.5, 17.25]],
  ['a single pixel', [30.2, 20.4, 30.9, 20.6]],
  ['empty', [12, 12, 12, 12]],
  ['at the far corner', [59.5, 39.5, 60, 40]],
  ['outside at the top left', [-10.5, -6.25, 20, 15]],
  ['outside at the bottom right', [40, 25, 75, 52]],
  ['outside on all sides', [-4, -3, 66, 45]],
  ['wide and flat', [0, 18, 60, 20]],
];

async function paste(boxes: readonly Region['box'][], leading: readonly number[]): Promise<Float64Array> {
  const g = new Graph();
  const masks = g.input('masks', 'float32', [...leading, SIDE, SIDE]);
  const pasted = pasteMasks(g, masks, g.float32(boxes.flat(), [...leading, 4]), IMAGE);
  expect(pasted.shape).toEqual([...leading, ...IMAGE]);
  const [found] = await execute(g, [pasted], new Map([[masks, contents(boxes.length)]]));
  return found ?? new Float64Array();
}

const contents = (count: number): Float32Array => mappedUniform('masks', 4, count * SIDE * SIDE, (u) => u);

function largestError(found: Float64Array, boxes: readonly Region['box'][]): number {
  const [height, width] = IMAGE;
  const masks = contents(boxes.length);
  return Math.max(
    ...boxes.flatMap((box, index) => {
      const mask = masks.slice(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
      const part = found.slice(index * height * width, (index + 1) * height * width);
      return [...pastedMask(mask, SIDE, box, IMAGE)].map((value, pixel) => Math.abs(value - (part[pixel] ?? NaN)));
    }),
  );
}

describe('a mask pasted into the image', () => {
  test.each(BOXES)('of a box that is %s', async (_name, box) => {
    const found = await paste([box], [1]);
    expect(largestError(found, [box])).toBeLessThan(TOLERANCE);
    expect(Math.max(...found)).toBeGreaterThan(0);
  });

  test('is its own, of several boxes of several images', async () => {
    const boxes = BOXES.map(([, box]) => box);
    expect(largestError(await paste(boxes, [2, 5]), boxes)).toBeLessThan(TOLERANCE);
  });

  test('is 0 outside its box', async () => {
    const [, width] = IMAGE;
    const found = await paste([[20, 10, 30, 18]], [1]);
    expect([found[5 * width + 25], found[14 * width + 10], found[30 * width + 25]]).toEqual([0, 0, 0]);
  });
});
