export interface DefaultBoxOptions {
  /** For each feature map the aspect ratios beside 1; each gives a wide and a tall box. */
  readonly aspectRatios: readonly (readonly number[])[];
  /** Scale of the boxes of the first and the last feature map, as a share of the image. */
  readonly minRatio: number;
  readonly maxRatio: number;
}

/** Default boxes at each position of each feature map: two of aspect ratio 1, and two for each further ratio. */
export function boxesPerPosition({ aspectRatios }: DefaultBoxOptions): readonly number[] {
  return aspectRatios.map((ratios) => 2 + 2 * ratios.length);
}

/**
 * SSD's default boxes (Liu et al. 2016, page 6; torchvision's DefaultBoxGenerator without steps): `[count, 4]` as
 * x1, y1, x2, y2 in pixels, by feature map, row, column, box. Rounded to float32 where torchvision rounds.
 */
export function defaultBoxes(
  options: DefaultBoxOptions,
  gridSizes: readonly (readonly [height: number, width: number])[],
  [imageHeight, imageWidth]: readonly [number, number],
): Float32Array {
  const { aspectRatios, minRatio, maxRatio } = options;
  const steps = aspectRatios.length - 1;
  const scaleOf = (map: number): number => (map > steps ? 1 : minRatio + ((maxRatio - minRatio) * map) / steps);
  const boxes: number[] = [];
  gridSizes.forEach(([gridHeight, gridWidth], map) => {
    const [scale, next] = [scaleOf(map), scaleOf(map + 1)];
    const between = Math.sqrt(scale * next);
    const sizes = [
      [scale, scale],
      [between, between],
      ...(aspectRatios[map] ?? []).flatMap((ratio) => {
        const [long, short] = [scale * Math.sqrt(ratio), scale / Math.sqrt(ratio)];
        return [
          [long, short],
          [short, long],
        ];
      }),
    ].map((size) => size.map((side) => Math.fround(Math.min(Math.max(side, 0), 1))));
    for (let row = 0; row < gridHeight; row++) {
      const y = Math.fround(Math.fround(row + 0.5) / gridHeight);
      for (let column = 0; column < gridWidth; column++) {
        const x = Math.fround(Math.fround(column + 0.5) / gridWidth);
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
