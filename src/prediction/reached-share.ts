import type { CountedOperators } from './workload-costs.js';

const CONVOLUTIONS: ReadonlySet<string> = new Set(['Conv', 'ConvInputGradient', 'ConvWeightGradient']);

/** Members of a convolution's form: sizes of the weight, then dilations, group, pads and strides. */
const CONVOLUTION_MEMBERS = 13;

/**
 * Share of a convolution's products whose pixel lies in the image, not in its padding: the others are left out.
 * Of a kernel that is wider than its map, as with large dilations, it is little. 1 for other operators.
 *
 * @param images of the batch
 */
export function reachedShare({ operator, form, multiplyAccumulates }: CountedOperators, images: number): number {
  if (!CONVOLUTIONS.has(operator) || form.length !== CONVOLUTION_MEMBERS) return 1;
  const [outputs = 1, inputs = 1, height = 1, width = 1, dilationY = 1, dilationX = 1] = form;
  const [, , , , , , , top = 0, left = 0, , , strideY = 1, strideX = 1] = form;
  const positions = multiplyAccumulates / (outputs * inputs * height * width * images);
  // Of the map only the area is known here.
  const side = Math.sqrt(positions);
  return (
    axisShare({ side, taps: height, dilation: dilationY, pad: top, stride: strideY }) *
    axisShare({ side, taps: width, dilation: dilationX, pad: left, stride: strideX })
  );
}

interface Axis {
  /** Of the result. */
  readonly side: number;
  readonly taps: number;
  readonly dilation: number;
  /** On either side. */
  readonly pad: number;
  readonly stride: number;
}

function axisShare({ side, taps, dilation, pad, stride }: Axis): number {
  const reach = (taps - 1) * dilation;
  let inside = 0;
  for (let tap = 0; tap < taps; tap += 1) {
    const before = Math.max(0, pad - tap * dilation) / stride;
    const behind = Math.max(0, tap * dilation - (reach - pad)) / stride;
    inside += Math.max(0, side - before - behind);
  }
  return inside / (taps * side);
}
