import type { DataType } from './tensor.js';

/** Windows of convolutions and poolings over two spatial axes. */
export interface WindowAttributes {
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
}

export interface ConvAttributes extends WindowAttributes {
  readonly group: number;
}

export interface PoolAttributes extends WindowAttributes {
  readonly kernel_shape: readonly [number, number];
}

/** How values are taken from feature maps for regions of interest; see nn/roi-align.ts. */
export interface RoiSampling {
  /** Share of the image's coordinates that a map's are, for each map. */
  readonly spatialScales: readonly number[];
  /** Samples along each side of an output cell; 0: as many as it has pixels. */
  readonly samplingRatio: number;
}

export interface GroupingAttributes {
  readonly groups: number;
  readonly epsilon: number;
}

export interface FocalAttributes {
  /** Weight of positives; that of negatives is the rest to 1. */
  readonly alpha: number;
}

type None = Readonly<Record<string, never>>;

type Triple = readonly [number, number, number];

interface Axis {
  readonly axis: number;
}

/**
 * Operators that onnxruntime executes, with their attributes: ONNX's of opset 18, those of com.microsoft, and those of
 * com.microsoft.nchwc, the runtime's layout of blocked channels. Arguments that ONNX takes as small constant tensors
 * (axes, sizes, bounds) are inputs here too. Attributes that begin with `$` are for shape inference alone.
 */
export interface RuntimeOperators {
  Abs: None;
  Add: None;
  And: None;
  ArgMax: Axis & { readonly keepdims: number };
  AveragePool: Omit<PoolAttributes, 'dilations'>;
  /** With `training_mode` 1 also the statistics of the batch, mixed into the given ones by `momentum`. */
  BatchNormalization: { readonly epsilon: number; readonly momentum: number; readonly training_mode: number };
  Cast: { readonly to: DataType };
  Clip: None;
  Concat: Axis;
  Conv: ConvAttributes;
  /** Conv over three spatial axes; pads in front of all, then behind all. */
  Conv3d: {
    readonly strides: Triple;
    readonly pads: readonly [...Triple, ...Triple];
    readonly dilations: Triple;
    readonly group: number;
  };
  ConvTranspose: ConvAttributes & { readonly output_padding: readonly [number, number] };
  Div: None;
  /** (x, rate, training mode) -> x with a share `rate` of it at 0 and the rest scaled up, drawn anew in each run; bool mask of the rest. */
  Dropout: None;
  Equal: None;
  Exp: None;
  Expand: None;
  /** (x, weight, bias, summand) -> conv(x) + summand, in one pass. */
  FusedConv: ConvAttributes;
  FusedMatMul: { readonly transA: number; readonly transB: number; readonly alpha: number };
  Gather: Axis;
  GatherElements: Axis;
  GatherND: None;
  /** (a, b, c) -> alpha A B + beta c, of matrices, with A = a or a^T and B = b or b^T. */
  Gemm: { readonly transA: number; readonly transB: number; readonly alpha: number; readonly beta: number };
  Greater: None;
  GreaterOrEqual: None;
  HardSigmoid: { readonly alpha: number; readonly beta: number };
  Less: None;
  Log: None;
  LogSoftmax: Axis;
  MatMul: None;
  Max: None;
  MaxPool: PoolAttributes;
  /** MaxPool with, as second output, each maximum's index in the flattened input. */
  MaxPoolWithIndices: PoolAttributes;
  Min: None;
  Mul: None;
  /** Conv over blocked channels, with weights in the layouts that lowering/blocked.ts and lowering/depthwise.ts build. */
  NchwcConv: ConvAttributes & { readonly kernel_shape: readonly [number, number] };
  Neg: None;
  NonMaxSuppression: { readonly center_point_box: number };
  /** Indices of what is not 0, one column each. */
  NonZero: None;
  Pad: { readonly mode: 'constant' };
  Reciprocal: None;
  ReduceMax: { readonly keepdims: number };
  ReduceMean: { readonly keepdims: number };
  ReduceSum: { readonly keepdims: number };
  Relu: None;
  /** `[N, C, H, W]` to blocked channels, padded to `$paddedChannels`. */
  ReorderInput: { readonly $paddedChannels: number };
  ReorderOutput: { readonly channels: number };
  Reshape: None;
  /** (x, none, scales) -> x with its pixels repeated. */
  Resize: {
    readonly mode: 'nearest';
    readonly nearest_mode: 'floor';
    readonly coordinate_transformation_mode: 'asymmetric';
  };
  /** (features, regions as x1, y1, x2, y2, index of each region's image) -> a grid of means for each region. */
  RoiAlign: {
    readonly mode: 'avg';
    readonly coordinate_transformation_mode: 'output_half_pixel';
    readonly output_height: number;
    readonly output_width: number;
    readonly sampling_ratio: number;
    readonly spatial_scale: number;
  };
  ScatterElements: Axis & { readonly reduction: 'none' | 'add' };
  ScatterND: { readonly reduction: 'none' | 'add' };
  Sigmoid: None;
  Slice: None;
  Softmax: Axis;
  Softplus: None;
  /** (x, sizes) -> `$parts` parts along the axis, of sizes that may be the run's. */
  Split: Axis & { readonly $parts: number };
  Sqrt: None;
  Sub: None;
  ThresholdedRelu: { readonly alpha: number };
  TopK: Axis & { readonly largest: number; readonly sorted: number };
  Transpose: { readonly perm: readonly number[] };
  Where: None;
}

/**
 * Operators of this engine alone: one node here, a few of the runtime's once lowered. They keep the graph readable and
 * leave the choice among several ways of computing the same, by shape, to one place.
 */
export interface CompositeOperators {
  /** (dy, x, scale, mean, variance, share of the rows as below) -> (dx, dscale, dbias). */
  BatchNormalizationGradient: { readonly epsilon: number };
  /**
   * (x, scale, bias, share) -> (y, mean, population variance), statistics over all axes but the second. Where only a share
   * of the rows counts, the others are to be 0: sums are over all, and divided by the number of values in those that count.
   */
  BatchNormalizationTraining: { readonly epsilon: number };
  /** (y, dy) -> dx: dy where min < y < max, else 0; y is what the clip gave. */
  ClipGradient: { readonly min: number; readonly max: number };
  /** (dy, weight) -> dx of the size `inputSize`. */
  ConvInputGradient: ConvAttributes & { readonly inputSize: readonly [number, number] };
  /** (x, dy) -> dweight with a kernel of `kernelSize`. */
  ConvWeightGradient: ConvAttributes & { readonly kernelSize: readonly [number, number] };
  /**
   * (scores `[N, classes, ...]`, classes int64 `[N, ...]`) -> (-log softmax of the wanted class `[N, ...]`, log of the sum
   * of exponentials `[N, 1, ...]`).
   */
  CrossEntropy: None;
  /** (dy, scores, classes, log of the sum of exponentials) -> the gradient of the scores. */
  CrossEntropyGradient: None;
  /**
   * (x, scale, bias) -> (y, x without the mean of its group, 1 / standard deviation of each group `[N, groups]`): statistics
   * of each image over the channels of a group and all positions.
   */
  GroupNormalization: GroupingAttributes;
  /** (dy, x without means, scale, 1 / deviation) -> (dx, dscale, dbias). */
  GroupNormalizationGradient: GroupingAttributes;
  /** x * hard sigmoid(x), as ONNX defines it. */
  HardSwish: None;
  /** (x, dy) -> dx. */
  HardSwishGradient: None;
  /** `[N, C, H, W]` in another size, linear along both axes, pixel centres at half positions. */
  InterpolateBilinear: { readonly outputSize: readonly [number, number] };
  /** dy -> dx of the size `inputSize`. */
  InterpolateBilinearGradient: { readonly inputSize: readonly [number, number] };
  /** (x, dy) -> dx: each dy goes to the place of its window's maximum, the first one where several are equal. */
  MaxPoolGradient: PoolAttributes;
  /**
   * Focal loss with exponent 2 of each position's class, summed over classes and positions; see nn/losses.ts: (logits
   * `[rows, classes, positions]`, class int64, positive 1 or 0, counted 1 or 0, each `[rows, positions]`) -> (losses
   * `[rows]`, sigmoid of the logits, h of the logits).
   */
  SigmoidFocalLoss: FocalAttributes;
  /** (dlosses, sigmoid, h, logits, class, positive, counted) -> dlogits. */
  SigmoidFocalLossGradient: FocalAttributes;
  /** x, but gradients end here. */
  StopGradient: None;
  /** `[N, C, H, W]` with each pixel repeated `factor` times along both axes. */
  UpsampleNearest: { readonly factor: number };
  /** dy -> dx: sums over the pixels that one was repeated into. */
  UpsampleNearestGradient: { readonly factor: number };
  /** RoiAlign of each region on one of several maps: (regions, images, index of each region's map, ...maps). */
  MultiScaleRoiAlign: RoiSampling & { readonly outputSize: readonly [number, number] };
  /** (dy, regions, images, index of each region's map) -> the gradient of each map. */
  RoiAlignGradient: RoiSampling & {
    /** Images, height and width of each map. */
    readonly mapSizes: readonly (readonly [number, number, number])[];
  };
}

export interface Operators extends RuntimeOperators, CompositeOperators {}

export type RuntimeOperatorName = keyof RuntimeOperators;
export type CompositeOperatorName = keyof CompositeOperators;
export type OperatorName = keyof Operators;

/** Operators that ONNX knows as one, and that are told apart here by how many results are used: ONNX's name. */
export const RESULT_VARIANTS: ReadonlyMap<OperatorName, { readonly name: string; readonly results: number }> = new Map<
  RuntimeOperatorName,
  { readonly name: string; readonly results: number }
>([['MaxPoolWithIndices', { name: 'MaxPool', results: 2 }]]);

/** Operators that ONNX knows as one, and that are told apart here by the number of spatial axes: ONNX's name. */
export const AXES_VARIANTS: ReadonlyMap<OperatorName, string> = new Map<RuntimeOperatorName, string>([
  ['Conv3d', 'Conv'],
]);

/** The operator's name and domain where they differ from the key and from ONNX's own domain. */
export const FOREIGN_OPERATORS: ReadonlyMap<OperatorName, { readonly domain: string; readonly name: string }> = new Map<
  RuntimeOperatorName,
  { readonly domain: string; readonly name: string }
>([
  ['FusedConv', { domain: 'com.microsoft', name: 'FusedConv' }],
  ['FusedMatMul', { domain: 'com.microsoft', name: 'FusedMatMul' }],
  ['NchwcConv', { domain: 'com.microsoft.nchwc', name: 'Conv' }],
  ['ReorderInput', { domain: 'com.microsoft.nchwc', name: 'ReorderInput' }],
  ['ReorderOutput', { domain: 'com.microsoft.nchwc', name: 'ReorderOutput' }],
]);
