import { Graph } from '../../../src/engine/graph/graph.js';
import { pyramidAnchors } from '../../../src/engine/nn/anchors.js';
import { matchPositions } from '../../../src/engine/zoo/detection/fcos/fcos-matching.js';
import { execute } from '../support/execute.js';

/** Two maps of an image of 64x64: positions 8 and 16 pixels apart. */
const MAPS = pyramidAnchors(
  { sizes: [[8], [16]], aspectRatios: [1] },
  [
    [8, 8],
    [4, 4],
  ],
  [64, 64],
);

/** Positions that learn an object, as x, y, object, of each map. */
async function matched(boxes: readonly (readonly number[])[]): Promise<readonly (readonly string[])[]> {
  const g = new Graph();
  const { targets, positive } = matchPositions(g, MAPS, g.float32(boxes.flat(), [1, boxes.length, 4]));
  const [indices = [], flags = []] = await execute(g, [targets, positive]);
  const found = (start: number, side: number, stride: number): readonly string[] =>
    Array.from({ length: side * side }, (_, place) => place).flatMap((place) =>
      flags[start + place] === 1
        ? [`${(place % side) * stride},${Math.floor(place / side) * stride}: ${indices[start + place] ?? NaN}`]
        : [],
    );
  return [found(0, 8, 8), found(64, 4, 16)];
}

describe('the position that learns an object', () => {
  test('lies in its box, less than one and a half strides from its centre', async () => {
    // Centre 20, 20; 8 and 32 are 12 away, which is too far.
    expect(await matched([[6, 6, 34, 34]])).toEqual([['16,16: 0', '24,16: 0', '16,24: 0', '24,24: 0'], []]);
    // Centre 13, 13, but the edges are nearer than the next positions.
    expect(await matched([[10, 10, 16.5, 16.5]])).toEqual([['16,16: 0'], []]);
  });

  test('is of the map that the farthest edge is for', async () => {
    const [fine, coarse] = await matched([[0, 0, 64, 64]]);
    // Centre 32, 32: the farthest edge of 32, 32 is 32 away, and the fine map takes less than 64.
    expect(fine).toContain('32,32: 0');
    // The coarse map takes more than 64, which nothing here reaches.
    expect(coarse).toEqual([]);
  });

  test('takes the smaller of two objects', async () => {
    const [fine] = await matched([
      [0, 0, 40, 40],
      [12, 12, 28, 28],
    ]);
    expect(fine).toContain('16,16: 1');
  });
});
