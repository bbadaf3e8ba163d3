import { Graph } from '../../../src/engine/graph/graph.js';
import { mappedUniform } from '../../../src/engine/synthetic/hash.js';
import { bestPairs } from '../../../src/engine/zoo/detection/one-stage/best-pairs.js';
import { execute } from '../support/execute.js';

interface Pair {
  readonly rank: number;
  readonly anchor: number;
  readonly label: number;
}

type Sizes = readonly [images: number, shapes: number, classes: number, positions: number];

/** Every pair of each image, by a plain sort. */
function sorted(ranks: Float32Array, [images, shapes, classes, positions]: Sizes): readonly (readonly Pair[])[] {
  const count = shapes * classes * positions;
  return Array.from({ length: images }, (_, image) =>
    Array.from(ranks.subarray(image * count, (image + 1) * count), (rank, place) => ({
      rank,
      anchor: (place % positions) * shapes + Math.floor(place / (positions * classes)),
      label: Math.floor(place / positions) % classes,
    })).sort((a, b) => b.rank - a.rank),
  );
}

describe('the best pairs of a map', () => {
  test.each<readonly [string, Sizes, number]>([
    ['many more than are taken', [2, 3, 7, 130], 20],
    ['a number of them that divides into no even stretches', [1, 1, 13, 37], 4],
    ['as many as are taken', [2, 2, 3, 4], 24],
    ['fewer than are taken', [1, 2, 3, 1], 50],
  ])('are those that a sort finds: %s', async (_, sizes, limit) => {
    const count = sizes.reduce((product, size) => product * size, 1);
    const ranks = mappedUniform('ranks', 1, count, (u) => u);
    const g = new Graph();
    const best = bestPairs(g, g.constant('float32', sizes, ranks), limit);
    const [values = [], anchors = [], labels = []] = await execute(g, [best.ranks, best.anchors, best.labels]);
    const expected = sorted(ranks, sizes).flatMap((pairs) => pairs.slice(0, limit));
    const actual = Array.from(values, (rank, place) => ({ rank, anchor: anchors[place], label: labels[place] }));
    expect(actual).toEqual(expected);
  });
});
