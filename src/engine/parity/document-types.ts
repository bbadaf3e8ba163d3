/**
 * The documents that describe one training step, key by key those of the PyTorch reference, so that the two can be
 * compared by any tool. One difference: where the reference names its `torch` and `torchvision` versions, the engine
 * names its own version and onnxruntime's. Keys are in the reference's spelling and order.
 */
export interface DocumentHead {
  readonly architecture: string;
  readonly weights_backbone: 'none' | 'default';
  readonly engine: string;
  readonly onnxruntime: string;
}

export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'parameter' | 'buffer';
  readonly trains: boolean;
}

/** Every parameter and buffer of a network. */
export interface TablesDocument extends DocumentHead {
  /** Elements of all parameters. */
  readonly parameters: number;
  /** Elements of the parameters that train. */
  readonly trainable_parameters: number;
  readonly tensors: readonly TensorEntry[];
}

/** A gradient in two numbers. */
export interface GradientFigures {
  /** Euclidean norm. */
  readonly norm: number;
  /** Sum of the elements, each with the sign that the hash of `projection.<name>` gives it. */
  readonly projection: number;
}

/** What a detector answered for one image. */
export interface DetectionAnswer {
  /** How many there were. */
  readonly detections: number;
  /** Of the first five. */
  readonly scores: readonly number[];
  readonly labels: readonly number[];
  /** x1, y1, x2, y2 in pixels of the image as given. */
  readonly boxes: readonly (readonly number[])[];
  /** Sum over the pixels of the masks of all detections, of networks that find masks. */
  readonly mask_sum?: number;
}

/** What a network answered that gives a score to each class, of each image or pixel. */
export interface ScoreAnswer {
  readonly shape: readonly number[];
  /** Euclidean norm of all scores. */
  readonly norm: number;
  /** The first eight, in C order. */
  readonly first: readonly number[];
}

export type Answer = readonly DetectionAnswer[] | ScoreAnswer;

/** Medians, in seconds, and how they were obtained. */
export interface DocumentTimes {
  readonly seconds: {
    readonly forward: number;
    readonly backward: number;
    readonly optimizer: number;
    readonly inference: number;
    readonly runs: number;
    readonly threads: number;
  };
  /** Peak resident set of the process up to the last step. */
  readonly peak_rss_mib: number;
}

/** The figures of one step that do not depend on who computed them. */
export interface StepFigures {
  readonly architecture: string;
  readonly weights_backbone: 'none' | 'default';
  readonly batch: number;
  /** `[height, width]` */
  readonly image_size: readonly number[];
  readonly min_size: number | null;
  readonly max_size: number | null;
  readonly objects: number;
  readonly seed: number;
  readonly parameters: number;
  readonly trainable_parameters: number;
  /** 10^9 multiply-accumulates, six decimals. */
  readonly forward_gmacs: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Sum of the losses. */
  readonly total: number;
  /** Euclidean norm over all gradients. */
  readonly gradient_norm: number;
  readonly gradients?: Readonly<Record<string, GradientFigures>>;
  readonly inference?: Answer;
}

export interface StepDocument extends DocumentHead, StepFigures, Partial<DocumentTimes> {}

/** The same step in float64, and how far PyTorch's own float32 is from it. */
export interface GoldenDocument extends StepFigures {
  readonly gradients: Readonly<Record<string, GradientFigures & { readonly float32_error: number }>>;
  readonly inference: Answer;
  readonly float32_error: {
    /** Relative error of each loss. */
    readonly losses: Readonly<Record<string, number>>;
    /** Largest error of a gradient as a share of its norm, or of 1e-6 of the total norm where that is larger. */
    readonly worst_gradient: number;
    /** Images whose detections are not the same; of detectors alone. */
    readonly detections_differ?: number;
  };
}
