import { Graph } from '../../../src/engine/graph/graph.js';
import type { SampleSize, SamplingOrder } from '../../../src/engine/nn/sampling.js';
import { balancedSample } from '../../../src/engine/nn/sampling.js';
import { execute } from '../support/execute.js';

interface Sampled {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
  readonly places: number;
}

/** `+` positive, `-` negative, `.` neither; one text an image. */
async function sample(images: readonly string[], size: SampleSize, order: SamplingOrder): Promise<readonly Sampled[]> {
  const g = new Graph();
  const count = images[0]?.length ?? 0;
  const marks = (mark: string) =>
    g.float32(
      images.flatMap((image) => image.split('').map((other) => (other === mark ? 1 : 0))),
      [images.length, count],
    );
  const { indices, positive, chosen } = balancedSample(g, marks('+'), marks('-'), size, order);
  const [index = [], isPositive = [], isChosen = []] = (await execute(g, [indices, positive, chosen])).map((x) => [
    ...x,
  ]);
  const places = index.length / images.length;
  return images.map((_, image) => {
    const taken = (wanted: number): readonly number[] =>
      index.slice(image * places, (image + 1) * places).filter((_index, place) => {
        const at = image * places + place;
        return isChosen[at] === 1 && isPositive[at] === wanted;
      });
    return { positives: taken(1), negatives: taken(0), places };
  });
}

describe('a balanced sample', () => {
  test('takes the first positives up to the quota, and fills up with the first negatives', async () => {
    const [first] = await sample(['+-+.+--+-'], { boxes: 5, positives: 2 }, 'first');
    expect(first).toEqual({ positives: [0, 2], negatives: [1, 5, 6], places: 5 });
  });

  test('has more negatives where positives are missing, for each image apart', async () => {
    const samples = await sample(['--------+', '+++++----'], { boxes: 4, positives: 2 }, 'first');
    expect(samples).toEqual([
      { positives: [8], negatives: [0, 1, 2], places: 4 },
      { positives: [0, 1], negatives: [5, 6], places: 4 },
    ]);
  });

  test('leaves places over where there are not enough boxes, and never takes what is neither', async () => {
    const [few] = await sample(['..+.-...'], { boxes: 6, positives: 3 }, 'first');
    expect(few).toEqual({ positives: [2], negatives: [4], places: 6 });
  });

  test('has no more places than there are candidates of both kinds', async () => {
    const [all] = await sample(['+-'], { boxes: 512, positives: 128 }, 'first');
    expect(all).toMatchObject({ positives: [0], negatives: [1] });
  });

  test('scattered, is as large but from all over the list', async () => {
    const [scattered] = await sample(
      [`${'-'.repeat(100)}${'+'.repeat(100)}`],
      { boxes: 20, positives: 5 },
      'scattered',
    );
    expect(scattered?.positives).toHaveLength(5);
    expect(scattered?.negatives).toHaveLength(15);
    expect(new Set(scattered?.negatives).size).toBe(15);
    expect(Math.max(...(scattered?.negatives ?? []))).toBeGreaterThan(70);
    expect(Math.min(...(scattered?.negatives ?? []))).toBeLessThan(30);
  });
});
