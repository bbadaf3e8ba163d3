import { at } from '../graph/tensor.js';

export interface AnchorOptions {
  /** For each feature map the sides, in pixels, of the square anchors at each position. */
  readonly sizes: readonly (readonly number[])[];
  /** Height over width of the anchors at each position. */
  readonly aspectRatios: readonly number[];
}

/** Height and width of a feature map. */
export type Grid = readonly [height: number, width: number];

export function anchorsPerPosition({ sizes, aspectRatios }: AnchorOptions, map: number): number {
  return aspectRatios.length * at(sizes, map).length;
}

/** How many anchors each map has. */
export function anchorCounts(options: AnchorOptions, grids: readonly Grid[]): readonly number[] {
  return grids.map(([height, width], map) => height * width * anchorsPerPosition(options, map));
}

/** Half extents are rounded to whole pixels, as torchvision does. */
function halfExtents(size: number, ratio: number): readonly [halfWidth: number, halfHeight: number] {
  const heightRatio = Math.fround(Math.sqrt(ratio));
  const widthRatio = Math.fround(1 / heightRatio);
  return [roundHalfToEven(Math.fround(widthRatio * size) / 2), roundHalfToEven(Math.fround(heightRatio * size) / 2)];
}

/** As PyTorch rounds: 50.5 to 50, 51.5 to 52. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * Anchors of a feature pyramid (torchvision's AnchorGenerator): for each map `[count, 4]` as x1, y1, x2, y2 in pixels, by
 * row, column, aspect ratio, size.
 *
 * @param grids `[height, width]` of each map
 * @param imageSize of the padded batch
 */
export function pyramidAnchors(
  { sizes, aspectRatios }: AnchorOptions,
  grids: readonly Grid[],
  [imageHeight, imageWidth]: readonly [number, number],
): readonly Float32Array[] {
  return grids.map(([gridHeight, gridWidth], map) => {
    const [strideY, strideX] = [Math.floor(imageHeight / gridHeight), Math.floor(imageWidth / gridWidth)];
    const extents = aspectRatios.flatMap((ratio) => at(sizes, map).map((size) => halfExtents(size, ratio)));
    const anchors = new Float32Array(gridHeight * gridWidth * extents.length * 4);
    let offset = 0;
    for (let y = 0; y < gridHeight; y++) {
      for (let x = 0; x < gridWidth; x++) {
        const [centreX, centreY] = [x * strideX, y * strideY];
        // Number by number: a list for each anchor would take ten times as long, a quarter of a detector's graph.
        for (const [halfWidth, halfHeight] of extents) {
          anchors[offset] = centreX - halfWidth;
          anchors[offset + 1] = centreY - halfHeight;
          anchors[offset + 2] = centreX + halfWidth;
          anchors[offset + 3] = centreY + halfHeight;
          offset += 4;
        }
      }
    }
    return anchors;
  });
}
