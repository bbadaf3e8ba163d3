import { boxesPerPosition, defaultBoxes, evenScales } from '../../../src/engine/nn/default-boxes.js';

/** Expected boxes are those of torchvision's DefaultBoxGenerator, to nine digits, which tell each float32. */
function boxAt(boxes: Float32Array, index: number): readonly number[] {
  return [...boxes.slice(4 * index, 4 * index + 4)];
}

describe('default boxes with given scales and steps', () => {
  const options = {
    aspectRatios: [[2], [2, 3], [2, 3], [2, 3], [2], [2]],
    scales: [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
    steps: [8, 16, 32, 64, 100, 300],
  };
  const grids = [38, 19, 10, 5, 3, 1].map((side) => [side, side] as const);
  const boxes = defaultBoxes(options, grids, [300, 300]);

  test('are as many as positions times boxes of each', () => {
    expect(boxesPerPosition(options)).toEqual([4, 6, 6, 6, 4, 4]);
    expect(boxes.length / 4).toBe(8732);
  });

  test.each([
    [0, [-6.5, -6.5, 14.5, 14.5]],
    [1, [-11.3704271, -11.3704271, 19.3704262, 19.3704262]],
    [2, [-10.8492422, -3.42462111, 18.8492413, 11.4246216]],
    [156, [1.49999964, 1.49999964, 22.5, 22.5]],
    [5781, [-4.99038076, -30.9711418, 20.9903812, 46.9711456]],
    [8731, [57.7225685, 0, 242.277435, 300]],
  ])('box %d', (index, expected) => {
    expect(boxAt(boxes, index)).toEqual(expected.map(Math.fround));
  });

  test('all together', () => {
    expect(boxes.reduce((sum, edge) => sum + edge, 0)).toBeCloseTo(5332736.001675129, 6);
    expect(boxes.reduce((sum, edge) => sum + edge * edge, 0)).toBeCloseTo(1110176407.955328, 3);
  });
});

test('without steps, a map’s positions divide the image; scales in between are as far from each other', () => {
  const options = {
    aspectRatios: [
      [2, 3],
      [2, 3],
    ],
    scales: evenScales(2, 0.2, 0.95),
    steps: null,
  };
  expect(options.scales).toEqual([0.2, 0.95, 1]);
  const grids = [
    [3, 2],
    [1, 2],
  ] as const;
  const boxes = defaultBoxes(options, grids, [320, 320]);
  expect(boxes.length / 4).toBe(48);
  expect(boxAt(boxes, 7)).toEqual([170.257599, -16.40905, 309.742401, 123.075714].map(Math.fround));
  expect(boxAt(boxes, 47)).toEqual([152.242752, 0, 327.757263, 320].map(Math.fround));
});
