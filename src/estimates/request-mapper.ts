import { jsonPointer } from '../common/json-pointer.js';
import { nearestNames } from '../common/nearest-names.js';
import { invalidRequest, Problem, type FieldProblem } from '../common/problem.js';
import type { ArchitectureDescription, DetectionCounts, NetworkOptions } from '../engine/zoo/description.js';
import { architectures } from '../engine/zoo/catalogue.js';
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
    auxLoss: defaults.auxLoss === null ? null : (dto.aux_loss ?? defaults.auxLoss),
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
  const counts = training || !description.counts ? null : inferenceCounts(dto, description.counts, options);
  return {
    architecture: description.name,
    options,
    applicationType: dto.application_type,
    batchSize: dto.batch_size,
    imageSize: dto.image_size,
    objectsPerImage: training ? (dto.objects_per_image ?? description.counts?.defaults.objectsPerImage ?? null) : null,
    positivesPerImage: training
      ? (dto.positives_per_image ?? description.counts?.defaults.positivesPerImage ?? null)
      : null,
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
  const ofOtherType = dto.application_type === 'training' ? INFERENCE_FIELDS : TRAINING_FIELDS;
  const misplaced = ofOtherType
    .filter(({ field }) => dto[field] !== undefined)
    .map(({ field, reason }) => ({
      field,
      detail: `does not go with application_type "${dto.application_type}": ${reason}`,
    }));
  return [
    ...wrongOptions(dto, description),
    ...wrongTask(dto, description),
    ...oneSizeOnly(dto, description),
    ...misplaced,
    ...wrongCounts(dto, description, options),
  ];
}

function wrongTask({ task_type }: WorkloadDto, { name, task }: ArchitectureDescription): Contradiction[] {
  if (task_type === undefined || task_type === task) return [];
  return [{ field: 'task_type', detail: `is "${task_type}", but ${name} is for "${task}".` }];
}

function wrongOptions(
  { trainable_backbone_layers: layers, weights_backbone: weights, aux_loss: auxLoss }: WorkloadDto,
  { name, backboneLayers, variants, defaults }: ArchitectureDescription,
): Contradiction[] {
  const wrong: Contradiction[] = [];
  if (layers !== undefined && backboneLayers === null) {
    const detail = `does not go with ${name}, all of which trains. Leave it out.`;
    wrong.push({ field: 'trainable_backbone_layers', detail });
  } else if (layers !== undefined && backboneLayers !== null && layers > backboneLayers) {
    const detail = `must be ${String(backboneLayers)} at most for ${name}, but is ${String(layers)}.`;
    wrong.push({ field: 'trainable_backbone_layers', detail });
  }
  if (weights !== undefined && !variants.includes(weights)) {
    const detail = `is "${weights}", but ${name} has no backbone apart from itself. Leave it out.`;
    wrong.push({ field: 'weights_backbone', detail });
  }
  if (auxLoss !== undefined && defaults.auxLoss === null) {
    wrong.push({
      field: 'aux_loss',
      detail: `does not go with ${name}, which has no second classifier. Leave it out.`,
    });
  }
  return wrong;
}

function oneSizeOnly(dto: WorkloadDto, { name, defaults, resizeRule }: ArchitectureDescription): Contradiction[] {
  if (defaults.minSize !== null) return [];
  return (['min_size', 'max_size'] as const)
    .filter((field) => dto[field] !== undefined)
    .map((field) => ({ field, detail: `does not go with ${name}: ${resizeRule}. Leave it out.` }));
}

const COUNTS = ['objects_per_image', 'positives_per_image', 'candidates_per_image', 'detections_per_image'] as const;

function wrongCounts(
  dto: WorkloadDto,
  { name, counts }: ArchitectureDescription,
  options: NetworkOptions,
): Contradiction[] {
  if (counts === null) {
    return COUNTS.filter((field) => dto[field] !== undefined).map((field) => ({
      field,
      detail: `does not go with ${name}, which knows no objects. Leave it out.`,
    }));
  }
  return dto.application_type === 'training'
    ? excessivePositives(dto, name, counts)
    : excessiveCounts(dto, name, counts, options);
}

function excessivePositives(
  { positives_per_image: asked }: WorkloadDto,
  name: string,
  { maxPositivesPerImage }: DetectionCounts,
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
  name: string,
  counts: DetectionCounts,
  options: NetworkOptions,
): Contradiction[] {
  const { candidates, detections } = inferenceCounts(dto, counts, options);
  const mostCandidates = counts.maxCandidatesPerImage(options.numClasses, detections);
  const excessive: Contradiction[] = [];
  if (candidates > mostCandidates) {
    const detail = `is ${String(candidates)}, but ${name} with ${String(options.numClasses)} classes lets ${String(mostCandidates)} through at most for ${String(detections)} detections.`;
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

/** A default gives way to the other count, where that was asked for, and to what the network lets through. */
function inferenceCounts(
  dto: WorkloadDto,
  { defaults, maxCandidatesPerImage }: DetectionCounts,
  { numClasses }: NetworkOptions,
): { candidates: number; detections: number } {
  const most = (detections: number): number => maxCandidatesPerImage(numClasses, detections);
  const wanted = dto.detections_per_image ?? defaults.detectionsPerImage;
  const candidates = dto.candidates_per_image ?? Math.min(most(wanted), Math.max(defaults.candidatesPerImage, wanted));
  const detections = dto.detections_per_image ?? Math.min(defaults.detectionsPerImage, candidates);
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
