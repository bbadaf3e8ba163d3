import { jsonPointer } from '../common/json-pointer.js';
import { nearestNames } from '../common/nearest-names.js';
import { invalidRequest, Problem, type FieldProblem } from '../common/problem.js';
import { architectures, type ArchitectureDescription, type NetworkOptions } from '../engine/zoo/catalogue.js';
import { computedImageSize } from '../engine/zoo/facts.js';
import type { Workload } from '../profiles/workload.js';
import type { WorkloadDto } from './dto/workload.dto.js';
import type { Warning } from './warning.js';

/** The network that a request means, with every option filled in. */
export interface RequestedNetwork {
  readonly description: ArchitectureDescription;
  readonly options: NetworkOptions;
  readonly warnings: readonly Warning[];
}

/**
 * @param parents where in the body the request is, for the pointers to its fields
 * @throws Problem 404 for an unknown architecture, 422 for fields that contradict each other or the architecture
 */
export function toNetwork(dto: WorkloadDto, parents: readonly string[] = []): RequestedNetwork {
  const description = architectures.get(dto.architecture);
  if (description === undefined) {
    throw unknownArchitecture(dto.architecture, parents);
  }
  const { defaults, backboneLayers } = description;
  const weightsBackbone = dto.weights_backbone ?? defaults.weightsBackbone;
  const options: NetworkOptions = {
    minSize: defaults.minSize === null ? null : (dto.min_size ?? defaults.minSize),
    maxSize: defaults.maxSize === null ? null : (dto.max_size ?? defaults.maxSize),
    numClasses: dto.num_classes ?? defaults.numClasses,
    weightsBackbone,
    trainableBackboneLayers:
      weightsBackbone === 'none' ? backboneLayers : (dto.trainable_backbone_layers ?? defaults.trainableBackboneLayers),
  };
  const wrong = [...contradictions(dto, description, options), ...vanishingImage(dto, options)];
  if (wrong.length > 0) {
    throw invalidRequest(wrong.map(({ field, detail }) => ({ pointer: jsonPointer([...parents, field]), detail })));
  }
  return { description, options, warnings: ignoredOptions(dto, options) };
}

/** A side so short beside the other that resizing to the network's limits leaves nothing of it. */
function vanishingImage(dto: WorkloadDto, options: NetworkOptions): Contradiction[] {
  const computed = computedImageSize(dto.architecture, options, dto.image_size);
  if (Math.min(...computed) > 0) {
    return [];
  }
  const [height, width] = dto.image_size;
  const detail = `is [${String(height)}, ${String(width)}], of which ${dto.architecture} computes ${computed.join('x')} pixels: the sides must be nearer to each other.`;
  return [{ field: 'image_size', detail }];
}

/**
 * @param allowedCores cores that the runtime may use
 * @throws Problem as {@link toNetwork}, and 422 for more threads than cores
 */
export function toWorkload(dto: WorkloadDto, network: RequestedNetwork, allowedCores: number): Workload {
  const threads = dto.threads ?? allowedCores;
  if (threads > allowedCores) {
    const detail = `is ${String(threads)}, but the service may use ${String(allowedCores)} cores: ask for as many threads at most.`;
    throw invalidRequest([{ pointer: jsonPointer(['threads']), detail }]);
  }
  const training = dto.application_type === 'training';
  const { description, options } = network;
  const counts = training ? null : inferenceCounts(dto, description, options);
  return {
    architecture: description.name,
    options,
    applicationType: dto.application_type,
    batchSize: dto.batch_size,
    imageSize: dto.image_size,
    objectsPerImage: training ? (dto.objects_per_image ?? description.defaultCounts.objectsPerImage) : null,
    positivesPerImage: training ? (dto.positives_per_image ?? description.defaultCounts.positivesPerImage) : null,
    candidatesPerImage: counts?.candidates ?? null,
    detectionsPerImage: counts?.detections ?? null,
    optimizer: training ? (dto.optimizer ?? 'sgd') : null,
    precision: dto.precision ?? 'fp32',
    runtime: dto.runtime ?? 'onnxruntime',
    device: dto.device ?? 'cpu',
    threads,
    monitoring: dto.threading === true ? 'interval' : 'stepwise',
  };
}

function unknownArchitecture(name: string, parents: readonly string[]): Problem {
  const nearest = nearestNames(name, architectures.keys(), { within: 1 });
  const detail = `There is no architecture "${name}". Nearest: ${nearest.join(', ')}. GET /api/v1/architectures lists all.`;
  const error: FieldProblem = { pointer: jsonPointer([...parents, 'architecture']), detail, nearest };
  return new Problem('unknown-architecture', 404, detail, { errors: [error], extensions: { nearest } });
}

interface Contradiction {
  readonly field: keyof WorkloadDto;
  readonly detail: string;
}

function contradictions(
  dto: WorkloadDto,
  description: ArchitectureDescription,
  options: NetworkOptions,
): Contradiction[] {
  const { backboneLayers } = description;
  const layers = dto.trainable_backbone_layers ?? 0;
  const tooManyLayers: Contradiction[] =
    layers > backboneLayers
      ? [
          {
            field: 'trainable_backbone_layers',
            detail: `must be ${String(backboneLayers)} at most for ${description.name}, but is ${String(layers)}.`,
          },
        ]
      : [];
  const ofOtherType = dto.application_type === 'training' ? INFERENCE_FIELDS : TRAINING_FIELDS;
  const misplaced = ofOtherType
    .filter(({ field }) => dto[field] !== undefined)
    .map(({ field, reason }) => ({
      field,
      detail: `does not go with application_type "${dto.application_type}": ${reason}`,
    }));
  return [
    ...tooManyLayers,
    ...wrongTask(dto, description),
    ...oneSizeOnly(dto, description),
    ...excessivePositives(dto, description),
    ...misplaced,
    ...(dto.application_type === 'inference' ? excessiveCounts(dto, description, options) : []),
  ];
}

function wrongTask({ task_type }: WorkloadDto, { name, task }: ArchitectureDescription): Contradiction[] {
  if (task_type === undefined || task_type === task) return [];
  return [{ field: 'task_type', detail: `is "${task_type}", but ${name} is for "${task}".` }];
}

function oneSizeOnly(dto: WorkloadDto, { name, defaults, resizeRule }: ArchitectureDescription): Contradiction[] {
  if (defaults.minSize !== null) return [];
  return (['min_size', 'max_size'] as const)
    .filter((field) => dto[field] !== undefined)
    .map((field) => ({ field, detail: `does not go with ${name}: ${resizeRule}. Leave it out.` }));
}

function excessivePositives(
  { positives_per_image: asked }: WorkloadDto,
  { name, maxPositivesPerImage }: ArchitectureDescription,
): Contradiction[] {
  if (asked === undefined) return [];
  if (maxPositivesPerImage === null) {
    const detail = `does not go with ${name}: the objects alone decide how many there are. Leave it out.`;
    return [{ field: 'positives_per_image', detail }];
  }
  if (asked <= maxPositivesPerImage) return [];
  const detail = `is ${String(asked)}, but ${name} samples ${String(maxPositivesPerImage)} at most.`;
  return [{ field: 'positives_per_image', detail }];
}

const TRAINING_FIELDS: readonly { field: keyof WorkloadDto; reason: string }[] = [
  { field: 'objects_per_image', reason: 'only training compares with ground truth. Leave it out.' },
  { field: 'positives_per_image', reason: 'only training samples boxes. Leave it out.' },
  { field: 'optimizer', reason: 'only training changes parameters. Leave it out.' },
];

const INFERENCE_FIELDS: readonly { field: keyof WorkloadDto; reason: string }[] = [
  { field: 'candidates_per_image', reason: 'training has no non-maximum suppression. Leave it out.' },
  { field: 'detections_per_image', reason: 'training detects nothing. Leave it out.' },
];

function excessiveCounts(
  dto: WorkloadDto,
  description: ArchitectureDescription,
  options: NetworkOptions,
): Contradiction[] {
  const { candidates, detections } = inferenceCounts(dto, description, options);
  const mostCandidates = description.maxCandidatesPerImage(options.numClasses, detections);
  const excessive: Contradiction[] = [];
  if (candidates > mostCandidates) {
    const detail = `is ${String(candidates)}, but ${description.name} with ${String(options.numClasses)} classes lets ${String(mostCandidates)} through at most for ${String(detections)} detections.`;
    excessive.push({ field: 'candidates_per_image', detail });
  }
  if (detections > description.maxDetectionsPerImage) {
    const detail = `is ${String(detections)}, but ${description.name} keeps ${String(description.maxDetectionsPerImage)} at most.`;
    excessive.push({ field: 'detections_per_image', detail });
  }
  if (detections > candidates) {
    const detail = `is ${String(detections)}, but only ${String(candidates)} candidates are there to be kept (candidates_per_image).`;
    excessive.push({ field: 'detections_per_image', detail });
  }
  return excessive;
}

/** A default gives way to the other count, where that was asked for, and to what the network lets through. */
function inferenceCounts(
  dto: WorkloadDto,
  { defaultCounts, maxCandidatesPerImage }: ArchitectureDescription,
  { numClasses }: NetworkOptions,
): { candidates: number; detections: number } {
  const most = (detections: number): number => maxCandidatesPerImage(numClasses, detections);
  const wanted = dto.detections_per_image ?? defaultCounts.detectionsPerImage;
  const candidates =
    dto.candidates_per_image ?? Math.min(most(wanted), Math.max(defaultCounts.candidatesPerImage, wanted));
  const detections = dto.detections_per_image ?? Math.min(defaultCounts.detectionsPerImage, candidates);
  return { candidates, detections };
}

function ignoredOptions(dto: WorkloadDto, options: NetworkOptions): Warning[] {
  const asked = dto.trainable_backbone_layers ?? options.trainableBackboneLayers;
  return asked === options.trainableBackboneLayers
    ? []
    : [
        {
          code: 'option-ignored',
          detail: `trainable_backbone_layers is ${String(asked)}, but without backbone weights all ${String(options.trainableBackboneLayers)} stages train.`,
        },
      ];
}
