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

/** Anchors of a feature map, computed when they are first asked for: who only counts asks for none of them. */
export class MapAnchors {
  private made: Float32Array | null = null;

  constructor(
    readonly count: number,
    private readonly make: () => Float32Array,
  ) {}

  /** `[count, 4]` as x1, y1, x2, y2 in pixels, by row, column, aspect ratio, size. */
  rows(): Float32Array {
    this.made ??= this.make();
    return this.made;
  }
}

/**
 * Anchors of each map of a feature pyramid (torchvision's AnchorGenerator).
 *
 * @param grids `[height, width]` of each map
 * @param imageSize of the padded batch
 */
export function pyramidAnchors(
  options: AnchorOptions,
  grids: readonly Grid[],
  imageSize: readonly [number, number],
): readonly MapAnchors[] {
  const counts = anchorCounts(options, grids);
  return grids.map((grid, map) => new MapAnchors(at(counts, map), () => anchorsOf(options, map, grid, imageSize)));
}

function anchorsOf(
  { sizes, aspectRatios }: AnchorOptions,
  map: number,
  [gridHeight, gridWidth]: Grid,
  [imageHeight, imageWidth]: readonly [number, number],
): Float32Array {
  const [strideY, strideX] = [Math.floor(imageHeight / gridHeight), Math.floor(imageWidth / gridWidth)];
  const extents = aspectRatios.flatMap((ratio) => at(sizes, map).map((size) => halfExtents(size, ratio)));
  const anchors = new Float32Array(gridHeight * gridWidth * extents.length * 4);
  let offset = 0;
  for (let y = 0; y < gridHeight; y++) {
    for (let x = 0; x < gridWidth; x++) {
      const [centreX, centreY] = [x * strideX, y * strideY];
      // Number by number: a list for each anchor would take ten times as long.
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
}
