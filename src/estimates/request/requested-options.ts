import { optionFields, type OptionFields } from '../../architectures/request-fields.js';
import type { ArchitectureDescription, NetworkOptions } from '../../engine/zoo/description.js';
import type { WorkloadDto } from '../dto/workload.dto.js';
import type { Warning } from '../warning.js';
import type { Contradiction } from './contradiction.js';

/** The options that a request means, each filled in that it leaves out. What changes nothing is as by default, so that equal work is measured once. */
export function requestedOptions(dto: WorkloadDto, description: ArchitectureDescription): NetworkOptions {
  const { defaults, variantsDiffer } = description;
  return {
    numClasses: dto.num_classes ?? defaults.numClasses,
    weightsBackbone: (variantsDiffer ? dto.weights_backbone : undefined) ?? defaults.weightsBackbone,
    trainableBackboneLayers: trainableLayers(dto, description),
    minSize: defaults.minSize === null ? null : (dto.min_size ?? defaults.minSize),
    maxSize: defaults.maxSize === null ? null : (dto.max_size ?? defaults.maxSize),
    auxLoss: defaults.auxLoss === null ? null : (dto.aux_loss ?? defaults.auxLoss),
  };
}

/**
 * Without backbone weights all stages train, as torchvision insists. An inference is the same whatever trains. A second
 * classifier is not like that: torchvision evaluates it in inference too.
 */
function trainableLayers(
  dto: WorkloadDto,
  { backboneLayers, defaults, variantsDiffer }: ArchitectureDescription,
): number | null {
  const trains = dto.application_type === 'training';
  const weights = dto.weights_backbone ?? defaults.weightsBackbone;
  if (weights === 'none' && (trains || variantsDiffer)) return backboneLayers;
  return (trains ? dto.trainable_backbone_layers : undefined) ?? defaults.trainableBackboneLayers;
}

export function wrongOptions(dto: WorkloadDto, description: ArchitectureDescription): Contradiction[] {
  const fields = optionFields(description);
  return [
    ...wrongWeights(dto, description),
    ...wrongLayers(dto, description, fields),
    ...wrongSizes(dto, description, fields),
    ...wrongAuxLoss(dto, description, fields),
  ];
}

function wrongWeights({ weights_backbone: asked }: WorkloadDto, description: ArchitectureDescription): Contradiction[] {
  const { name, variants, defaults } = description;
  if (asked === undefined || variants.includes(asked)) return [];
  const detail = `is "${asked}", but ${name} has no backbone apart from itself: say "${defaults.weightsBackbone}" or leave it out.`;
  return [{ field: 'weights_backbone', detail }];
}

function wrongLayers(
  { trainable_backbone_layers: asked }: WorkloadDto,
  { name }: ArchitectureDescription,
  { trainableBackboneLayers: field }: OptionFields,
): Contradiction[] {
  if (asked === undefined) return [];
  if (field === undefined) {
    const detail = `does not go with ${name}, all of which trains. Leave it out.`;
    return [{ field: 'trainable_backbone_layers', detail }];
  }
  if (asked <= field.maximum) return [];
  const detail = `must be ${String(field.maximum)} at most for ${name}, but is ${String(asked)}.`;
  return [{ field: 'trainable_backbone_layers', detail }];
}

function wrongSizes(
  dto: WorkloadDto,
  { name, resizeRule }: ArchitectureDescription,
  fields: OptionFields,
): Contradiction[] {
  const detail = `does not go with ${name}: ${resizeRule}. Leave it out.`;
  return [
    ...(dto.min_size !== undefined && fields.minSize === undefined ? [{ field: 'min_size', detail } as const] : []),
    ...(dto.max_size !== undefined && fields.maxSize === undefined ? [{ field: 'max_size', detail } as const] : []),
  ];
}

function wrongAuxLoss(dto: WorkloadDto, { name }: ArchitectureDescription, fields: OptionFields): Contradiction[] {
  if (dto.aux_loss === undefined || fields.auxLoss !== undefined) return [];
  return [{ field: 'aux_loss', detail: `does not go with ${name}, which has no second classifier. Leave it out.` }];
}

/** What a request asks for that changes nothing. */
export function ignoredOptions(
  dto: WorkloadDto,
  { name, backboneLayers }: ArchitectureDescription,
  options: NetworkOptions,
): Warning[] {
  return [...ignoredWeights(dto, name, backboneLayers, options), ...ignoredLayers(dto, options)];
}

function ignoredWeights(
  { application_type, weights_backbone: asked }: WorkloadDto,
  name: string,
  backboneLayers: number | null,
  { weightsBackbone: taken }: NetworkOptions,
): Warning[] {
  if (asked === undefined || asked === taken) return [];
  // In training they decide, where a part of the network can train, whether all of it does.
  if (application_type === 'training' && backboneLayers !== null) return [];
  const detail = `weights_backbone is "${asked}", but ${name} is the same network as with "${taken}".`;
  return [{ code: 'option-ignored', detail }];
}

function ignoredLayers(
  { application_type, trainable_backbone_layers: asked }: WorkloadDto,
  { trainableBackboneLayers: taken }: NetworkOptions,
): Warning[] {
  if (asked === undefined || asked === taken) return [];
  const reason =
    application_type === 'training'
      ? `without backbone weights all ${String(taken)} stages train`
      : 'an inference is the same whatever trains';
  const detail = `trainable_backbone_layers is ${String(asked)}, but ${reason}.`;
  return [{ code: 'option-ignored', detail }];
}
