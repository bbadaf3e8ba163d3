import type { ConvAttributes } from '../../../src/engine/graph/operators.js';
import { at } from '../../../src/engine/graph/tensor.js';

/** Layers and their gradients in double precision, written as the formulas are, to compare with. */

type Sizes = readonly number[];

/** Calls `visit` with each pair of positions, input and output, that a convolution multiplies, and the weight's. */
function forEachProduct(
  input: Sizes,
  kernel: Sizes,
  output: Sizes,
  { strides, pads, dilations, group }: ConvAttributes,
  visit: (x: number, w: number, y: number) => void,
): void {
  const [images, inChannels, height, width] = [at(input, 0), at(input, 1), at(input, 2), at(input, 3)];
  const [outChannels, outHeight, outWidth] = [at(output, 1), at(output, 2), at(output, 3)];
  const [inPerGroup, kernelHeight, kernelWidth] = [at(kernel, 1), at(kernel, 2), at(kernel, 3)];
  const outPerGroup = outChannels / group;
  for (let image = 0; image < images; image++) {
    for (let out = 0; out < outChannels; out++) {
      const firstIn = Math.floor(out / outPerGroup) * inPerGroup;
      for (let channel = 0; channel < inPerGroup; channel++) {
        for (let i = 0; i < kernelHeight; i++) {
          for (let j = 0; j < kernelWidth; j++) {
            const w = ((out * inPerGroup + channel) * kernelHeight + i) * kernelWidth + j;
            for (let row = 0; row < outHeight; row++) {
              const sourceRow = row * strides[0] + i * dilations[0] - pads[0];
              if (sourceRow < 0 || sourceRow >= height) continue;
              const x = ((image * inChannels + firstIn + channel) * height + sourceRow) * width;
              const y = ((image * outChannels + out) * outHeight + row) * outWidth;
              for (let column = 0; column < outWidth; column++) {
                const sourceColumn = column * strides[1] + j * dilations[1] - pads[1];
                if (sourceColumn >= 0 && sourceColumn < width) visit(x + sourceColumn, w, y + column);
              }
            }
          }
        }
      }
    }
  }
}

export interface ConvGradients {
  readonly input: Float64Array;
  readonly weight: Float64Array;
}

/** Gradients of a convolution, given that of its output. */
export function convGradients(
  x: { readonly shape: Sizes; readonly data: Float32Array },
  weight: { readonly shape: Sizes; readonly data: Float32Array },
  dy: { readonly shape: Sizes; readonly data: Float32Array },
  attributes: ConvAttributes,
): ConvGradients {
  const input = new Float64Array(x.data.length);
  const kernel = new Float64Array(weight.data.length);
  const [seen, taps, arrived] = [x.data, weight.data, dy.data].map((data) => Float64Array.from(data));
  if (!seen || !taps || !arrived) throw new Error('three tensors were given');
  forEachProduct(x.shape, weight.shape, dy.shape, attributes, (i, w, y) => {
    const gradient = arrived[y] ?? NaN;
    input[i] = (input[i] ?? NaN) + gradient * (taps[w] ?? NaN);
    kernel[w] = (kernel[w] ?? NaN) + gradient * (seen[i] ?? NaN);
  });
  return { input, weight: kernel };
}

export interface NormalizationResult {
  readonly y: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly dx: Float64Array;
  readonly dscale: Float64Array;
  readonly dbias: Float64Array;
}

/** Batch normalisation with the statistics of the batch, and its gradients. */
export function batchNormalization(
  x: { readonly shape: Sizes; readonly data: Float32Array },
  scale: Float32Array,
  bias: Float32Array,
  dy: Float32Array,
  epsilon: number,
): NormalizationResult {
  const [images, channels] = [at(x.shape, 0), at(x.shape, 1)];
  const positions = x.data.length / (images * channels);
  const count = images * positions;
  const full = (): Float64Array => new Float64Array(x.data.length);
  const perChannel = (): Float64Array => new Float64Array(channels);
  const result = {
    y: full(),
    dx: full(),
    mean: perChannel(),
    variance: perChannel(),
    dscale: perChannel(),
    dbias: perChannel(),
  };
  for (let channel = 0; channel < channels; channel++) {
    const places = Array.from({ length: count }, (_, index) => {
      const [image, position] = [Math.floor(index / positions), index % positions];
      return (image * channels + channel) * positions + position;
    });
    const sumOf = (term: (place: number) => number): number => places.reduce((sum, place) => sum + term(place), 0);
    const mean = sumOf((place) => x.data[place] ?? NaN) / count;
    const variance = sumOf((place) => ((x.data[place] ?? NaN) - mean) ** 2) / count;
    const deviation = Math.sqrt(variance + epsilon);
    const [gain, offset] = [scale[channel] ?? NaN, bias[channel] ?? NaN];
    const normalized = (place: number): number => ((x.data[place] ?? NaN) - mean) / deviation;
    const dbias = sumOf((place) => dy[place] ?? NaN);
    const dscale = sumOf((place) => (dy[place] ?? NaN) * normalized(place));
    result.mean[channel] = mean;
    result.variance[channel] = variance;
    result.dbias[channel] = dbias;
    result.dscale[channel] = dscale;
    for (const place of places) {
      result.y[place] = normalized(place) * gain + offset;
      result.dx[place] =
        (gain / deviation) * ((dy[place] ?? NaN) - dbias / count - (normalized(place) * dscale) / count);
    }
  }
  return result;
}

/** Largest difference between two tensors, as a share of the largest element expected; NaN counts as infinite. */
export function relativeError(actual: Float64Array | undefined, expected: Float64Array): number {
  if (actual?.length !== expected.length) return Infinity;
  let [size, worst] = [0, 0];
  expected.forEach((value, index) => {
    const difference = Math.abs(value - (actual[index] ?? NaN));
    size = Math.max(size, Math.abs(value));
    worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
  });
  return worst / size;
}
