import { Graph } from '../../../src/engine/graph/graph.js';
import { boxIou } from '../../../src/engine/nn/boxes.js';
import type { MatchThresholds } from '../../../src/engine/nn/matching.js';
import { matchByThresholds } from '../../../src/engine/nn/matching.js';
import { execute } from '../support/execute.js';

/** Overlaps of one image, a row for each target. */
async function match(overlaps: readonly (readonly number[])[], thresholds: MatchThresholds) {
  const g = new Graph();
  const boxes = overlaps[0]?.length ?? 0;
  const { targets, positive, negative } = matchByThresholds(
    g,
    g.float32(overlaps.flat(), [1, overlaps.length, boxes]),
    thresholds,
  );
  const [target, isPositive, isNegative] = await execute(g, [targets, positive, negative]);
  const kinds = Array.from({ length: boxes }, (_, box) =>
    isPositive?.[box] === 1 ? '+' : isNegative?.[box] === 1 ? '-' : '.',
  );
  return { targets: [...(target ?? [])], kinds: kinds.join('') };
}

const ANCHORS = { foreground: 0.7, background: 0.3, bestOfEachTarget: true };
const REGIONS = { foreground: 0.5, background: 0.5, bestOfEachTarget: false };

describe('matching by thresholds', () => {
  test('is positive from the upper one on, negative below the lower one, neither between', async () => {
    const overlaps = [[0.75, 0.5, 0.25, 0.125, 0.875]];
    expect(await match(overlaps, ANCHORS)).toEqual({ targets: [0, 0, 0, 0, 0], kinds: '+.--+' });
  });

  test('with one threshold leaves nothing between', async () => {
    const overlaps = [[0.5, 0.4375, 0]];
    expect(await match(overlaps, REGIONS)).toEqual({ targets: [0, 0, 0], kinds: '+--' });
  });

  test('takes the target that overlaps most', async () => {
    const overlaps = [
      [0.75, 0.8, 0],
      [0.8, 0.75, 0.1],
    ];
    expect((await match(overlaps, REGIONS)).targets).toEqual([1, 0, 1]);
  });

  test('makes the best box of each target positive however little it overlaps, and all of equal bests', async () => {
    const overlaps = [
      [0.1, 0.2, 0.2, 0],
      [0.9, 0.1, 0.3, 0.1],
    ];
    expect(await match(overlaps, ANCHORS)).toEqual({ targets: [1, 0, 1, 1], kinds: '+++-' });
  });
});

test('intersection over union is of each box with each', async () => {
  const g = new Graph();
  const a = g.float32([0, 0, 2, 2, 1, 1, 3, 3], [1, 2, 4]);
  const b = g.float32([0, 0, 2, 2, 5, 5, 6, 6, 1, 0, 3, 2], [3, 4]);
  const iou = boxIou(g, a, b);
  expect(iou.shape).toEqual([1, 2, 3]);
  const [values] = await execute(g, [iou]);
  expect([...(values ?? [])].map((value) => Number(value.toFixed(6)))).toEqual([1, 0, 0.333333, 0.142857, 0, 0.333333]);
});
