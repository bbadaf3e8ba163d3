/** What is being asked about a network: to train it, or to use it. */
export type ApplicationType = 'training' | 'inference';

/**
 * How memory and CPU were followed: `stepwise` by the measured process, at the ends of its phases and by the kernel's mark
 * of the highest memory, `interval` also by samples from outside at a fixed interval.
 */
export type MonitoringMode = 'stepwise' | 'interval';

/** What executes the network: `onnxruntime` is built in, `pytorch` is a Python with torch and torchvision. */
export const RUNTIMES = ['onnxruntime', 'pytorch'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/**
 * Of the arithmetic. `tf32`: products of float32 with a mantissa of 10 bits; `bf16`, `fp16`: mixed, by PyTorch's autocast, with
 * scaled gradients for `fp16`.
 */
export const PRECISIONS = ['fp32', 'tf32', 'bf16', 'fp16'] as const;
export type Precision = (typeof PRECISIONS)[number];

export function isPrecision(value: string): value is Precision {
  return PRECISIONS.some((precision) => precision === value);
}

/** What it is executed on; GPUs by CUDA's numbers, `webgpu` by whatever the system has for that. */
export type Device = 'cpu' | `cuda:${number}` | 'webgpu';

/** As a regular expression, for whoever describes what may be asked. */
export const DEVICE_PATTERN = '^(cpu|webgpu|cuda:(0|[1-9][0-9]?))$';

/** Of a device of CUDA; null for another one. */
export function cudaIndexOf(device: Device): number | null {
  return device.startsWith('cuda:') ? Number(device.slice('cuda:'.length)) : null;
}

export function isDevice(value: unknown): value is Device {
  return typeof value === 'string' && new RegExp(DEVICE_PATTERN).test(value);
}

/** Options of an architecture, by torchvision's names. */
export interface ArchitectureOptions {
  /** Classes, including the background where the network knows one. */
  readonly numClasses: number;
  /** `default`: torchvision's builder as called with no detection weights; `none`: with `weights_backbone=None`. */
  readonly weightsBackbone: 'none' | 'default';
  /**
   * Backbone stages that train, counted from the last; for inference, which is the same whatever trains, those by
   * default. Null where all of the network trains.
   */
  readonly trainableBackboneLayers: number | null;
  /** Pixels that the shorter side is resized to, and most that the longer may have then; null where there is no choice. */
  readonly minSize: number | null;
  readonly maxSize: number | null;
  /** Whether there is a second classifier, on an earlier map; null where there can be none. */
  readonly auxLoss: boolean | null;
}

/** Everything that decides what a training step or an inference costs; equal workloads share one measurement. */
export interface Workload {
  /** torchvision's name. */
  readonly architecture: string;
  readonly options: ArchitectureOptions;
  readonly applicationType: ApplicationType;
  readonly batchSize: number;
  /** `[height, width]` in pixels, before the network's own resizing. */
  readonly imageSize: readonly [height: number, width: number];
  /** Ground-truth objects planted in each image; null for inference, and where the network knows no objects. */
  readonly objectsPerImage: number | null;
  /** Boxes planted in each image that train as an object; null for inference, and where the objects alone decide. */
  readonly positivesPerImage: number | null;
  /** (box, class) pairs of each image that reach non-maximum suppression; null for training, and without detections. */
  readonly candidatesPerImage: number | null;
  /** Detections of each image that remain after non-maximum suppression; null for training, and without detections. */
  readonly detectionsPerImage: number | null;
  /** `sgd`: SGD with momentum 0.9; null for inference. */
  readonly optimizer: 'sgd' | null;
  readonly precision: Precision;
  readonly runtime: RuntimeName;
  readonly device: Device;
  /** Threads of the runtime. */
  readonly threads: number;
  readonly monitoring: MonitoringMode;
  /** Between two samples from outside, 0.01 or more; null for step-wise monitoring, which takes none. */
  readonly samplingIntervalSeconds: number | null;
}
