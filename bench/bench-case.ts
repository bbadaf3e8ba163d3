import type { ArchitectureDescription, NetworkOptions, Task, WeightsBackbone } from '../src/engine/zoo/description.js';

/** What is timed: a network and its batch. Plain data, so that it can be handed to another process. */
export interface BenchCase {
  readonly architecture: string;
  readonly options: NetworkOptions;
  readonly batch: number;
  /** `[height, width]` in pixels, before the network's own resizing. */
  readonly imageSize: readonly [height: number, width: number];
  readonly objects: number;
  /** Regions of an image that train as an object, for networks with masks. */
  readonly positives: number;
  readonly threads: number;
}

/** What of a case was asked for; the rest is as the catalogue has it. */
export interface CaseWishes {
  readonly weightsBackbone?: WeightsBackbone;
  readonly batch?: number;
  readonly imageSize?: readonly [height: number, width: number];
  readonly objects?: number;
  readonly positives?: number;
  readonly threads?: number;
  /** As small as the network allows, to see that it runs at all. */
  readonly quick?: boolean;
}

interface BatchDefaults {
  readonly batch: number;
  /** Null: the size at which the network is usually quoted. */
  readonly imageSize: readonly [number, number] | null;
}

const BY_TASK: Readonly<Record<Task, BatchDefaults>> = {
  classification: { batch: 8, imageSize: [224, 224] },
  segmentation: { batch: 4, imageSize: [224, 224] },
  detection: { batch: 1, imageSize: null },
  instance: { batch: 1, imageSize: null },
};

/** Small networks get batches that keep the machine busy. */
const BY_NAME: ReadonlyMap<string, BatchDefaults> = new Map([
  ['ssdlite320_mobilenet_v3_large', { batch: 8, imageSize: [320, 320] }],
  ['ssd300_vgg16', { batch: 4, imageSize: [300, 300] }],
  ['fasterrcnn_mobilenet_v3_large_320_fpn', { batch: 2, imageSize: [320, 320] }],
]);

const OBJECTS = 7;
const THREADS = 2;
const QUICK_SIDE = 64;
/** Live norms cannot train on a single value. */
const QUICK_BATCH = 2;

/** The variant that torchvision's builder gives when nothing is said. */
export function defaultVariant({ variants }: ArchitectureDescription): WeightsBackbone {
  return variants.includes('default') ? 'default' : 'none';
}

/** @throws RangeError where the architecture has no such variant, or the images are too small for it */
export function benchCase(description: ArchitectureDescription, wishes: CaseWishes): BenchCase {
  const { name, variants, smallestImageSide } = description;
  const weightsBackbone = wishes.weightsBackbone ?? defaultVariant(description);
  if (!variants.includes(weightsBackbone)) {
    throw new RangeError(`${name} has no variant "${weightsBackbone}", only ${variants.join(' and ')}`);
  }
  const { batch, imageSize } = wishes.quick ? quickBatch(description) : usualBatch(description);
  const wanted = wishes.imageSize ?? imageSize;
  if (Math.min(...wanted) < smallestImageSide) {
    throw new RangeError(`${name} needs images of at least ${smallestImageSide} pixels a side`);
  }
  const objects = wishes.objects ?? OBJECTS;
  return {
    architecture: name,
    options: { ...description.defaults, ...(wishes.quick ? quickResizing(description) : {}), weightsBackbone },
    batch: wishes.batch ?? batch,
    imageSize: wanted,
    objects,
    // PyTorch computes masks of the positives alone, and proposals by random weights come to about as many as objects.
    positives: wishes.positives ?? objects,
    threads: wishes.threads ?? THREADS,
  };
}

function usualBatch({ name, task, defaultImageSize }: ArchitectureDescription) {
  const { batch, imageSize } = BY_NAME.get(name) ?? BY_TASK[task];
  return { batch, imageSize: imageSize ?? defaultImageSize };
}

function quickBatch({ smallestImageSide }: ArchitectureDescription) {
  const side = Math.max(QUICK_SIDE, smallestImageSide);
  return { batch: QUICK_BATCH, imageSize: [side, side] as const };
}

function quickResizing({ defaults, smallestImageSide }: ArchitectureDescription): Partial<NetworkOptions> {
  const side = Math.max(QUICK_SIDE, smallestImageSide);
  return defaults.minSize === null ? {} : { minSize: side, maxSize: side };
}

/** What tells two cases apart, readable. */
export function caseLabel({ architecture, options, batch, imageSize, objects, positives, threads }: BenchCase): string {
  return [
    `${architecture} (${options.weightsBackbone})`,
    `${batch} x ${imageSize.join('x')}`,
    `${objects} objects, ${positives} positives`,
    `${threads} threads`,
  ].join(', ');
}
