import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { mul } from '../../../src/engine/graph/ops.js';
import { sumAll } from '../../../src/engine/nn/losses.js';
import { multiScaleRoiAlign, roiAlign } from '../../../src/engine/nn/roi-align.js';
import { mappedUniform } from '../../../src/engine/synthetic/hash.js';
import { compile, execute } from '../support/execute.js';
import { relativeError } from '../support/reference-layers.js';
import type { Alignment, FeatureShape, Region } from '../support/reference-regions.js';
import { alignedRegions, featureGradient } from '../support/reference-regions.js';

const SEED = 11;
const TOLERANCE = 1e-5;
const LEVELS = { canonicalScale: 224, canonicalLevel: 4 };

const random = (name: string, count: number): Float32Array => mappedUniform(name, SEED, count, (u) => 2 * u - 1);

/** Whole, tiny, empty, at and beyond borders, long and narrow ones; of both images. */
const REGIONS: readonly Region[] = (
  [
    [0, 0, 64, 48],
    [3, 5, 17.5, 40.25],
    [10, 10, 10.5, 10.25],
    [20, 20, 20, 20],
    [63, 47, 64, 48],
    [-9, -7, 12, 9],
    [50, 40, 75, 60],
    [-30, 4, -20, 9],
    [0, 20, 64, 23],
    [30, 0, 33, 48],
    [4, 8, 32, 24],
    [12.3, 7.7, 41.9, 30.1],
  ] as const
).map((box, index) => ({ box, image: index % 2 }));

function regionInputs(g: Graph, regions: readonly Region[]): readonly [boxes: Value, images: Value] {
  return [
    g.float32(
      regions.flatMap(({ box }) => [...box]),
      [regions.length, 4],
    ),
    g.int64(regions.map(({ image }) => image)),
  ];
}

interface AlignCase {
  readonly shape: FeatureShape;
  readonly alignment: Alignment;
}

const quarter: FeatureShape = { images: 2, channels: 3, height: 12, width: 16 };

const CASES: readonly (readonly [name: string, AlignCase])[] = [
  ['7x7 cells', { shape: quarter, alignment: { outputSize: [7, 7], samplingRatio: 2, spatialScale: 1 / 4 } }],
  [
    'more rows than columns',
    { shape: quarter, alignment: { outputSize: [5, 2], samplingRatio: 2, spatialScale: 0.25 } },
  ],
  ['one sample a cell', { shape: quarter, alignment: { outputSize: [3, 4], samplingRatio: 1, spatialScale: 0.25 } }],
  ['three samples a cell', { shape: quarter, alignment: { outputSize: [2, 2], samplingRatio: 3, spatialScale: 0.25 } }],
  ['one cell', { shape: quarter, alignment: { outputSize: [1, 1], samplingRatio: 2, spatialScale: 0.25 } }],
  [
    'a map of one pixel',
    {
      shape: { images: 2, channels: 2, height: 1, width: 1 },
      alignment: { outputSize: [2, 2], samplingRatio: 2, spatialScale: 1 / 64 },
    },
  ],
  [
    'a map of several strips, the last of them shorter',
    {
      shape: { images: 2, channels: 2, height: 46, width: 64 },
      alignment: { outputSize: [7, 7], samplingRatio: 2, spatialScale: 1 },
    },
  ],
  [
    'so many rows that strips get higher',
    {
      shape: { images: 2, channels: 1, height: 251, width: 40 },
      alignment: { outputSize: [3, 3], samplingRatio: 2, spatialScale: 5 },
    },
  ],
];

describe.each(CASES)('RoIAlign, %s', (_name, { shape, alignment }) => {
  const size = [shape.images, shape.channels, shape.height, shape.width];
  const data = random(
    'features',
    size.reduce((product, side) => product * side),
  );

  test('takes the means that its formula says', async () => {
    const g = new Graph();
    const features = g.input('features', 'float32', size);
    const aligned = roiAlign(g, features, ...regionInputs(g, REGIONS), alignment);
    const [found] = await execute(g, [aligned], new Map([[features, data]]));
    expect(relativeError(found, alignedRegions(data, shape, REGIONS, alignment))).toBeLessThan(TOLERANCE);
  });

  test('gives each pixel its share of the gradient', async () => {
    const g = new Graph();
    const features = g.input('features', 'float32', size);
    const aligned = roiAlign(g, features, ...regionInputs(g, REGIONS), alignment);
    const [rows, columns] = alignment.outputSize;
    const dy = random('dy', REGIONS.length * shape.channels * rows * columns);
    const arrived = g.input('dy', 'float32', aligned.shape);
    const gradient = differentiate(g, sumAll(g, mul(g, aligned, arrived)), [features]).get(features);
    if (!gradient) throw new Error('the features have a gradient');
    const [found] = await execute(g, [gradient], new Map([[arrived, dy]]));
    expect(relativeError(found, featureGradient(dy, shape, REGIONS, alignment))).toBeLessThan(TOLERANCE);
  });
});

describe('RoIAlign with as many samples as there are pixels', () => {
  const alignment: Alignment = { outputSize: [4, 5], samplingRatio: 0, spatialScale: 1 };
  const shape: FeatureShape = { images: 2, channels: 1, height: 48, width: 64 };

  test('takes the means that its formula says', async () => {
    const g = new Graph();
    const masks = g.input('masks', 'float32', [2, 1, 48, 64]);
    const data = mappedUniform('masks', SEED, 2 * 48 * 64, (u) => (u < 0.5 ? 0 : 1));
    const aligned = roiAlign(g, masks, ...regionInputs(g, REGIONS), alignment);
    const [found] = await execute(g, [aligned], new Map([[masks, data]]));
    expect(relativeError(found, alignedRegions(data, shape, REGIONS, alignment))).toBeLessThan(TOLERANCE);
  });

  test('has no gradient', () => {
    const g = new Graph();
    const features = g.input('features', 'float32', [2, 1, 48, 64]);
    const aligned = roiAlign(g, features, ...regionInputs(g, REGIONS), alignment);
    expect(() => differentiate(g, sumAll(g, aligned), [features])).toThrow(/samples by the size of the region/);
  });
});

describe('RoIAlign over a feature pyramid', () => {
  const SCALES = [1 / 4, 1 / 8, 1 / 16];
  const SIZES = [32, 16, 8];
  const OPTIONS = { outputSize: [2, 3], samplingRatio: 2 } as const;

  /** Maps as inputs, with the aligned regions. */
  function pyramid(regions: readonly Region[], outputSize: readonly [number, number] = OPTIONS.outputSize) {
    const g = new Graph();
    const maps = SIZES.map((side) => g.input(`map${side}`, 'float32', [2, 2, side, side]));
    const options = { ...OPTIONS, ...LEVELS, outputSize };
    return { g, maps, aligned: multiScaleRoiAlign(g, maps, SCALES, ...regionInputs(g, regions), options) };
  }

  /** Cells so small that the first one lies within the map. */
  const SMALL_CELLS = [50, 50] as const;
  /** Maps filled with their index. */
  const numbered = (maps: readonly Value[]): ReadonlyMap<Value, Float32Array> =>
    new Map(maps.map((map, index) => [map, new Float32Array(4 * (SIZES[index] ?? 0) ** 2).fill(index)]));

  const square = (side: number): Region => ({ image: 0, box: [0, 0, side, side] });

  test.each([
    [1, 0],
    [111, 0],
    [112, 1],
    [223, 1],
    [223.999, 1],
    // Within a rounding error of the next level.
    [223.99998, 2],
    [224, 2],
    [448, 2],
    [5000, 2],
  ])('reads a region with sides of %d from map %d', async (side, level) => {
    const { g, maps, aligned } = pyramid([square(side)], SMALL_CELLS);
    const [found] = await execute(g, [aligned], numbered(maps));
    expect(found?.[0]).toBe(level);
  });

  test('counts the area of a region, not its longer side', async () => {
    const { g, maps, aligned } = pyramid([{ image: 0, box: [0, 0, 400, 20] }], SMALL_CELLS);
    const [found] = await execute(g, [aligned], numbered(maps));
    expect(found?.[0]).toBe(0);
  });

  /** Regions of all levels in turn, that overlap. */
  const MIXED: readonly Region[] = [30, 120, 125, 60, 128, 40, 90, 113].map((side, index) => ({
    image: index % 2,
    box: [index, 2 * index, Math.min(index + side, 128), Math.min(2 * index + side, 128)],
  }));
  /** Level of each of them. */
  const levelOf = ({ box: [x1, y1, x2, y2] }: Region): number => {
    const level = Math.floor(4 + Math.log2(Math.sqrt((x2 - x1) * (y2 - y1)) / 224) + 1e-6);
    return Math.min(Math.max(level, 2), 4) - 2;
  };

  test('keeps the order of the regions', async () => {
    const { g, maps, aligned } = pyramid(MIXED);
    const data = new Map(maps.map((map, index) => [map, random(map.name, 4 * (SIZES[index] ?? 0) ** 2)] as const));
    const [found] = await execute(g, [aligned], data);
    expect(new Set(MIXED.map(levelOf)).size).toBeGreaterThan(1);
    const expected = MIXED.flatMap((region) => {
      const level = levelOf(region);
      const [map, side, spatialScale] = [maps[level], SIZES[level] ?? 0, SCALES[level] ?? 0];
      const shape = { images: 2, channels: 2, height: side, width: side };
      const features = map && data.get(map);
      if (!features) throw new Error('each level has a map');
      return [...alignedRegions(features, shape, [region], { ...OPTIONS, spatialScale })];
    });
    expect(relativeError(found, Float64Array.from(expected))).toBeLessThan(TOLERANCE);
  });

  test('gives each map the gradient of its own regions, whatever was computed before', async () => {
    const g = new Graph();
    const maps = SIZES.map((side) => g.input(`map${side}`, 'float32', [2, 2, side, side]));
    const boxes = g.input('boxes', 'float32', [MIXED.length, 4]);
    const images = g.int64(MIXED.map(({ image }) => image));
    const aligned = multiScaleRoiAlign(g, maps, SCALES, boxes, images, { ...OPTIONS, ...LEVELS });
    const projection = g.input('projection', 'float32', aligned.shape);
    const gradients = [...differentiate(g, sumAll(g, mul(g, aligned, projection)), maps).values()];
    expect(gradients).toHaveLength(maps.length);
    const perRegion = 2 * 2 * 3;
    const dy = random('projection', MIXED.length * perRegion);
    const small = MIXED.map(({ image }): Region => ({ image, box: [1, 2, 9, 12] }));
    const program = await compile(g, gradients);
    try {
      for (const regions of [MIXED, small, MIXED]) {
        const found = await program.run(
          new Map([
            [boxes, Float32Array.from(regions.flatMap(({ box }) => [...box]))],
            [projection, dy],
          ]),
        );
        SIZES.forEach((side, level) => {
          const shape = { images: 2, channels: 2, height: side, width: side };
          const alignment = { ...OPTIONS, spatialScale: SCALES[level] ?? 0 };
          const expected = new Float64Array(4 * side * side);
          regions.forEach((region, index) => {
            if (levelOf(region) !== level) return;
            const own = dy.slice(index * perRegion, (index + 1) * perRegion);
            featureGradient(own, shape, [region], alignment).forEach((value, pixel) => {
              expected[pixel] = (expected[pixel] ?? NaN) + value;
            });
          });
          const error = Math.max(...expected.map((value, pixel) => Math.abs(value - (found[level]?.[pixel] ?? NaN))));
          expect(error).toBeLessThan(TOLERANCE);
        });
      }
    } finally {
      await program.release();
    }
  });
});
