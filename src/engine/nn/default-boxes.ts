import { at } from '../graph/tensor.js';

export interface DefaultBoxOptions {
  /** For each feature map the aspect ratios beside 1; each gives a wide and a tall box. */
  readonly aspectRatios: readonly (readonly number[])[];
  /** Side of the boxes of each feature map, and of one map more, as a share of the image. */
  readonly scales: readonly number[];
  /** Pixels of the image between positions of each feature map; null: as many as the map has positions for. */
  readonly steps: readonly number[] | null;
}

/** Scales for `maps` feature maps, as far from each other, and the whole image (Liu et al. 2016, equation 4). */
export function evenScales(maps: number, minRatio: number, maxRatio: number): readonly number[] {
  return Array.from({ length: maps + 1 }, (_, map) =>
    map === maps ? 1 : minRatio + ((maxRatio - minRatio) * map) / (maps - 1),
  );
}

/** Default boxes at each position of each feature map: two of aspect ratio 1, and two for each further ratio. */
export function boxesPerPosition({ aspectRatios }: DefaultBoxOptions): readonly number[] {
  return aspectRatios.map((ratios) => 2 + 2 * ratios.length);
}

/**
 * SSD's default boxes (Liu et al. 2016, page 6; torchvision's DefaultBoxGenerator): `[count, 4]` as x1, y1, x2, y2 in
 * pixels, by feature map, row, column, box. Rounded to float32 where torchvision rounds.
 */
export function defaultBoxes(
  { aspectRatios, scales, steps }: DefaultBoxOptions,
  gridSizes: readonly (readonly [height: number, width: number])[],
  [imageHeight, imageWidth]: readonly [number, number],
): Float32Array {
  const boxes: number[] = [];
  gridSizes.forEach(([gridHeight, gridWidth], map) => {
    const [scale, next] = [at(scales, map), at(scales, map + 1)];
    const between = Math.sqrt(scale * next);
    const sizes = [
      [scale, scale],
      [between, between],
      ...at(aspectRatios, map).flatMap((ratio) => {
        const [long, short] = [scale * Math.sqrt(ratio), scale / Math.sqrt(ratio)];
        return [
          [long, short],
          [short, long],
        ];
      }),
    ].map((size) => size.map((side) => Math.fround(Math.min(Math.max(side, 0), 1))));
    // Positions of the whole image, which need not be a whole number.
    const [rows, columns] = steps
      ? [imageHeight / at(steps, map), imageWidth / at(steps, map)]
      : [gridHeight, gridWidth];
    for (let row = 0; row < gridHeight; row++) {
      const y = Math.fround(Math.fround(row + 0.5) / rows);
      for (let column = 0; column < gridWidth; column++) {
        const x = Math.fround(Math.fround(column + 0.5) / columns);
        for (const [w = 0, h = 0] of sizes) {
          boxes.push(
            Math.fround(x - 0.5 * w) * imageWidth,
            Math.fround(y - 0.5 * h) * imageHeight,
            Math.fround(x + 0.5 * w) * imageWidth,
            Math.fround(y + 0.5 * h) * imageHeight,
          );
        }
      }
    }
  });
  return Float32Array.from(boxes);
}
