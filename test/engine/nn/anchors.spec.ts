import { pyramidAnchors } from '../../../src/engine/nn/anchors.js';

const OPTIONS = { sizes: [[32], [64], [128], [256], [512]], aspectRatios: [0.5, 1, 2] };
const GRIDS = [
  [24, 40],
  [12, 20],
  [6, 10],
  [3, 5],
  [2, 3],
] as const;

/** Anchors of an image of 96x160, as torchvision's AnchorGenerator gives them. */
describe('anchors of a pyramid', () => {
  const anchors = pyramidAnchors(OPTIONS, GRIDS, [96, 160]);
  const maps = anchors.map((map) => map.rows());
  const position = (map: number, index: number): readonly number[] => [
    ...(maps[map]?.slice(12 * index, 12 * index + 12) ?? []),
  ];

  test('are as many as positions times aspect ratios', () => {
    const counts = GRIDS.map(([height, width]) => 3 * height * width);
    expect(anchors.map(({ count }) => count)).toEqual(counts);
    expect(maps.map((rows) => rows.length / 4)).toEqual(counts);
  });

  test('lie around the corner of each position, with sides of whole pixels', () => {
    expect(position(0, 0)).toEqual([-23, -11, 23, 11, -16, -16, 16, 16, -11, -23, 11, 23]);
  });

  test('go row by row, by the stride of the map', () => {
    expect(position(1, 21)).toEqual([-37, -15, 53, 31, -24, -24, 40, 40, -15, -37, 31, 53]);
  });

  test('of several sizes go by aspect ratio, then size, with halves rounded to even', () => {
    const [finest, second] = pyramidAnchors(
      {
        sizes: [
          [32, 40, 50],
          [64, 80, 101],
        ],
        aspectRatios: [0.5, 1],
      },
      [
        [1, 1],
        [1, 1],
      ],
      [96, 160],
    ).map((map) => map.rows());
    const corners = (rows: Float32Array | undefined): readonly number[] =>
      [...(rows ?? [])].filter((_, i) => i % 4 >= 2);
    expect(corners(finest)).toEqual([23, 11, 28, 14, 35, 18, 16, 16, 20, 20, 25, 25]);
    expect(corners(second)).toEqual([45, 23, 57, 28, 71, 36, 32, 32, 40, 40, 50, 50]);
  });

  test('have strides rounded down where a map is more than its share of the image', () => {
    expect(position(4, 5)).toEqual([-256, -133, 468, 229, -150, -208, 362, 304, -75, -314, 287, 410]);
  });
});
