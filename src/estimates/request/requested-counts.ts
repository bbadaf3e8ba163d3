import type { ArchitectureDescription, DetectionCounts, NetworkOptions } from '../../engine/zoo/description.js';
import type { Workload } from '../../profiles/workload.js';
import type { WorkloadDto } from '../dto/workload.dto.js';
import type { Contradiction } from './contradiction.js';

export type RequestedCounts = Pick<
  Workload,
  'objectsPerImage' | 'positivesPerImage' | 'candidatesPerImage' | 'detectionsPerImage'
>;

const NO_COUNTS: RequestedCounts = {
  objectsPerImage: null,
  positivesPerImage: null,
  candidatesPerImage: null,
  detectionsPerImage: null,
};

/** What limits the counts: a network, and the size that it computes at. */
export interface SizedNetwork {
  readonly description: ArchitectureDescription;
  readonly options: NetworkOptions;
  /** `[height, width]` in pixels. */
  readonly computedImageSize: readonly [height: number, width: number];
}

/** The work in an image that a request means: that of training, or that of inference, or neither where nothing is found. */
export function requestedCounts(dto: WorkloadDto, network: SizedNetwork): RequestedCounts {
  const { counts } = network.description;
  if (counts === null) return NO_COUNTS;
  if (dto.application_type === 'inference') {
    const { candidates, detections } = inferenceCounts(dto, counts, network);
    return { ...NO_COUNTS, candidatesPerImage: candidates, detectionsPerImage: detections };
  }
  return {
    ...NO_COUNTS,
    objectsPerImage: dto.objects_per_image ?? counts.defaults.objectsPerImage,
    positivesPerImage: dto.positives_per_image ?? counts.defaults.positivesPerImage,
  };
}

/** A default gives way to the other count, where that was asked for, and to what the network lets through. */
function inferenceCounts(
  dto: WorkloadDto,
  counts: DetectionCounts,
  network: SizedNetwork,
): { readonly candidates: number; readonly detections: number } {
  const { defaults } = counts;
  const wanted = dto.detections_per_image ?? defaults.detectionsPerImage;
  const usual = Math.min(mostCandidates(counts, network, wanted), Math.max(defaults.candidatesPerImage, wanted));
  const candidates = dto.candidates_per_image ?? usual;
  const detections = dto.detections_per_image ?? Math.min(defaults.detectionsPerImage, candidates);
  return { candidates, detections };
}

function mostCandidates(
  { maxCandidatesPerImage }: DetectionCounts,
  { options: { numClasses }, computedImageSize }: SizedNetwork,
  detections: number,
): number {
  return maxCandidatesPerImage({ numClasses, computedImageSize, detections });
}

const ONLY_IN_TRAINING = {
  objects_per_image: 'only training compares with ground truth',
  positives_per_image: 'only training samples boxes',
} as const;

const ONLY_IN_INFERENCE = {
  candidates_per_image: 'training has no non-maximum suppression',
  detections_per_image: 'training detects nothing',
} as const;

const COUNT_FIELDS = Object.keys({ ...ONLY_IN_TRAINING, ...ONLY_IN_INFERENCE }) as readonly (keyof WorkloadDto)[];

export function wrongCounts(dto: WorkloadDto, network: SizedNetwork): Contradiction[] {
  const { name, counts } = network.description;
  if (counts === null) {
    const detail = `does not go with ${name}, which knows no objects. Leave it out.`;
    return COUNT_FIELDS.filter((field) => dto[field] !== undefined).map((field) => ({ field, detail }));
  }
  return dto.application_type === 'training'
    ? [...misplacedCounts(dto, ONLY_IN_INFERENCE), ...wrongPositives(dto, name, counts)]
    : [...misplacedCounts(dto, ONLY_IN_TRAINING), ...excessiveCounts(dto, counts, network)];
}

/** @param reasons why fields belong to the other application type */
function misplacedCounts(dto: WorkloadDto, reasons: Partial<Record<keyof WorkloadDto, string>>): Contradiction[] {
  return COUNT_FIELDS.flatMap((field) => {
    const reason = reasons[field];
    if (reason === undefined || dto[field] === undefined) return [];
    const detail = `does not go with application_type "${dto.application_type}": ${reason}. Leave it out.`;
    return [{ field, detail }];
  });
}

function wrongPositives(
  { positives_per_image: asked }: WorkloadDto,
  name: string,
  { maxPositivesPerImage: most }: DetectionCounts,
): Contradiction[] {
  if (asked === undefined) return [];
  if (most === null) {
    const detail = `does not go with ${name}: the objects alone decide how many there are. Leave it out.`;
    return [{ field: 'positives_per_image', detail }];
  }
  if (asked <= most) return [];
  return [
    { field: 'positives_per_image', detail: `is ${String(asked)}, but ${name} samples ${String(most)} at most.` },
  ];
}

function excessiveCounts(dto: WorkloadDto, counts: DetectionCounts, network: SizedNetwork): Contradiction[] {
  const { candidates, detections } = inferenceCounts(dto, counts, network);
  const { description, options, computedImageSize } = network;
  const { name } = description;
  const most = mostCandidates(counts, network, detections);
  const excessive: Contradiction[] = [];
  if (candidates > most) {
    const at = `with ${String(options.numClasses)} classes at ${computedImageSize.join('x')} pixels`;
    const detail = `is ${String(candidates)}, but ${name} ${at} lets ${String(most)} through at most for ${String(detections)} detections.`;
    excessive.push({ field: 'candidates_per_image', detail });
  }
  if (detections > counts.maxDetectionsPerImage) {
    const detail = `is ${String(detections)}, but ${name} keeps ${String(counts.maxDetectionsPerImage)} at most.`;
    excessive.push({ field: 'detections_per_image', detail });
  }
  if (detections > candidates) {
    const detail = `is ${String(detections)}, but only ${String(candidates)} candidates are there to be kept (candidates_per_image).`;
    excessive.push({ field: 'detections_per_image', detail });
  }
  return excessive;
}
