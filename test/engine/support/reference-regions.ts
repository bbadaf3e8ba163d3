/** RoIAlign, its gradient, and pasting of masks in double precision, point by point, to compare with. */

export interface FeatureShape {
  readonly images: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Region {
  readonly image: number;
  /** x1, y1, x2, y2 in pixels of the image. */
  readonly box: readonly [number, number, number, number];
}

export interface Alignment {
  readonly outputSize: readonly [number, number];
  /** 0: as many samples as a cell has pixels. */
  readonly samplingRatio: number;
  readonly spatialScale: number;
}

/** The two neighbours of a place along an axis, with their weights; none where the place is too far outside. */
function neighbours(place: number, size: number): readonly (readonly [pixel: number, weight: number])[] {
  if (place < -1 || place > size) return [];
  const within = Math.min(Math.max(place, 0), size - 1);
  const low = Math.floor(within);
  const share = within - low;
  const pairs = [[low, 1 - share] as const, [low + 1, share] as const];
  return pairs.filter(([, weight]) => weight > 0);
}

/** Places of the samples of one cell along an axis. */
function samplesOf(begin: number, end: number, cell: number, cells: number, ratio: number): readonly number[] {
  const extent = Math.max(end - begin, 1);
  const count = ratio > 0 ? ratio : Math.ceil(extent / cells);
  return Array.from({ length: count }, (_, sample) => begin + ((cell + (sample + 0.5) / count) * extent) / cells);
}

/** Calls `visit` for each pixel that a cell of the grid of a region is made of. */
function forEachContribution(
  { channels, height, width }: FeatureShape,
  regions: readonly Region[],
  { outputSize: [rows, columns], samplingRatio, spatialScale }: Alignment,
  visit: (pixel: number, cell: number, weight: number) => void,
): void {
  regions.forEach(({ image, box }, region) => {
    const [x1, y1, x2, y2] = box.map((edge) => edge * spatialScale);
    if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) throw new Error('four edges');
    for (let row = 0; row < rows; row++) {
      const ys = samplesOf(y1, y2, row, rows, samplingRatio);
      for (let column = 0; column < columns; column++) {
        const xs = samplesOf(x1, x2, column, columns, samplingRatio);
        for (const [y, wy] of ys.flatMap((place) => neighbours(place, height))) {
          for (const [x, wx] of xs.flatMap((place) => neighbours(place, width))) {
            for (let channel = 0; channel < channels; channel++) {
              const pixel = ((image * channels + channel) * height + y) * width + x;
              const cell = ((region * channels + channel) * rows + row) * columns + column;
              visit(pixel, cell, (wy * wx) / (ys.length * xs.length));
            }
          }
        }
      }
    }
  });
}

/** `[K, C, rows, columns]` */
export function alignedRegions(
  features: Float32Array,
  shape: FeatureShape,
  regions: readonly Region[],
  alignment: Alignment,
): Float64Array {
  const [rows, columns] = alignment.outputSize;
  const aligned = new Float64Array(regions.length * shape.channels * rows * columns);
  forEachContribution(shape, regions, alignment, (pixel, cell, weight) => {
    aligned[cell] = (aligned[cell] ?? NaN) + weight * (features[pixel] ?? NaN);
  });
  return aligned;
}

/** Gradient of the features, given that of the aligned regions. */
export function featureGradient(
  dy: Float32Array,
  shape: FeatureShape,
  regions: readonly Region[],
  alignment: Alignment,
): Float64Array {
  const gradient = new Float64Array(shape.images * shape.channels * shape.height * shape.width);
  forEachContribution(shape, regions, alignment, (pixel, cell, weight) => {
    gradient[pixel] = (gradient[pixel] ?? NaN) + weight * (dy[cell] ?? NaN);
  });
  return gradient;
}

/** A mask of `side` x `side` points pasted into an image of zeros, where its box is. */
export function pastedMask(
  mask: Float32Array,
  side: number,
  [x1, y1, x2, y2]: Region['box'],
  [height, width]: readonly [number, number],
): Float64Array {
  const padded = side + 2;
  const axis = (begin: number, end: number): { readonly first: number; readonly covered: number } => {
    const [centre, reach] = [(begin + end) / 2, (((end - begin) / 2) * padded) / side];
    const [first, last] = [Math.trunc(centre - reach), Math.trunc(centre + reach)];
    return { first, covered: Math.max(last - first + 1, 1) };
  };
  const [vertical, horizontal] = [axis(y1, y2), axis(x1, x2)];
  /** Points of the mask under a pixel, with their weights. */
  const points = (pixel: number, { first, covered }: typeof vertical): readonly (readonly [number, number])[] => {
    const distance = pixel - first;
    if (distance < 0 || distance >= covered) return [];
    const place = Math.max(((distance + 0.5) * padded) / covered - 0.5, 0);
    return neighbours(place, padded)
      .map(([point, weight]) => [point - 1, weight] as const)
      .filter(([point]) => point >= 0 && point < side);
  };
  const image = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [row, wy] of points(y, vertical)) {
        for (const [column, wx] of points(x, horizontal)) {
          image[y * width + x] = (image[y * width + x] ?? NaN) + wy * wx * (mask[row * side + column] ?? NaN);
        }
      }
    }
  }
  return image;
}
