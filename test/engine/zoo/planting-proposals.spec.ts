import { Graph } from '../../../src/engine/graph/graph.js';
import { trainingSample } from '../../../src/engine/zoo/detection/rcnn/training-sample.js';
import { plantedProposals } from '../../../src/engine/zoo/detection/rcnn/planting-proposals.js';
import { execute } from '../support/execute.js';

const OBJECTS = [
  [10, 10, 60, 90],
  [100, 20, 180, 60],
  [30, 120, 90, 190],
];
const PROPOSALS = 200;

/** Positives and places filled in each image of two, whose own proposals lie far from every object. */
async function sampled(wanted: number): Promise<{ positives: number[]; filled: number[]; labels: Set<number> }> {
  const g = new Graph();
  const far = Array.from({ length: 2 * PROPOSALS }, (_, index) => [300 + index, 300, 320 + index, 340]).flat();
  const boxes = g.float32([...OBJECTS, ...OBJECTS].flat(), [2, OBJECTS.length, 4]);
  const found = {
    boxes: g.constant('float32', [2, PROPOSALS, 4], Float32Array.from(far)),
    valid: g.constant('float32', [2, PROPOSALS], new Float32Array(2 * PROPOSALS).fill(1)),
  };
  const labels = g.int64([5, 6, 7, 8, 9, 10], [2, OBJECTS.length]);
  const regions = plantedProposals(g, found, boxes, wanted);
  const sample = trainingSample(g, regions, boxes, labels, wanted, 'scattered');
  const [positive, chosen, classes] = await execute(g, [sample.positive, sample.chosen, sample.labels]);
  const perImage = (values: Float64Array | undefined): number[] => {
    const places = (values?.length ?? 0) / 2;
    return [0, 1].map((image) =>
      Array.from(values ?? [])
        .slice(image * places, (image + 1) * places)
        .reduce((sum, value) => sum + value, 0),
    );
  };
  return { positives: perImage(positive), filled: perImage(chosen), labels: new Set(classes) };
}

describe('planted proposals', () => {
  test.each([3, 7, 128])('make %d regions of each image train as an object', async (wanted) => {
    const { positives, filled, labels } = await sampled(wanted);
    expect(positives).toEqual([wanted, wanted]);
    // All other proposals are negatives; the objects themselves are among the positives.
    expect(filled).toEqual([PROPOSALS + OBJECTS.length, PROPOSALS + OBJECTS.length]);
    expect(labels).toEqual(new Set([0, 5, 6, 7, 8, 9, 10]));
  });

  test('are none where fewer positives than objects are wanted: the sample takes no more', async () => {
    expect((await sampled(2)).positives).toEqual([2, 2]);
  });
});
