import type { Range } from '../common/fields.js';
import type { ArchitectureDescription, DetectionCounts, WeightsBackbone } from '../engine/zoo/description.js';
import { computedImageSize } from '../engine/zoo/facts.js';
import { FIELD_RANGES } from './field-ranges.js';

/** A field that holds a whole number. */
export interface IntegerSetting extends Range {
  readonly default: number;
}

/** A field that holds one of some words. */
export interface ChoiceSetting<T extends string> {
  readonly default: T;
  readonly choices: readonly T[];
}

export interface FlagSetting {
  readonly default: boolean;
}

/** Fields of a request that shape a network; one that an architecture leaves no choice in is missing. */
export interface OptionFields {
  readonly numClasses: IntegerSetting;
  readonly weightsBackbone?: ChoiceSetting<WeightsBackbone> | undefined;
  readonly trainableBackboneLayers?: IntegerSetting | undefined;
  readonly minSize?: IntegerSetting | undefined;
  readonly maxSize?: IntegerSetting | undefined;
  readonly auxLoss?: FlagSetting | undefined;
}

/** Fields of a request that decide the work in an image, by what is to be done with the network. */
export interface CountFields {
  readonly training: {
    readonly objectsPerImage: IntegerSetting;
    /** Missing where the objects alone decide how many there are. */
    readonly positivesPerImage?: IntegerSetting | undefined;
  };
  readonly inference: {
    /** At most as many as with the default options, images of the default size and all detections that the network keeps. */
    readonly candidatesPerImage: IntegerSetting;
    readonly detectionsPerImage: IntegerSetting;
  };
}

/** The options that a request can set. */
export function optionFields(description: ArchitectureDescription): OptionFields {
  const { defaults, variants } = description;
  return {
    numClasses: { default: defaults.numClasses, ...FIELD_RANGES.num_classes },
    weightsBackbone: variants.length > 1 ? { default: defaults.weightsBackbone, choices: variants } : undefined,
    trainableBackboneLayers: layersField(description),
    minSize: sizeField(defaults.minSize, FIELD_RANGES.min_size),
    maxSize: sizeField(defaults.maxSize, FIELD_RANGES.max_size),
    auxLoss: defaults.auxLoss === null ? undefined : { default: defaults.auxLoss },
  };
}

/** The counts that a request can set; null where the size of the images alone decides the work. */
export function countFields({ name, counts, defaults, defaultImageSize }: ArchitectureDescription): CountFields | null {
  return (
    counts && {
      training: {
        objectsPerImage: { default: counts.defaults.objectsPerImage, ...FIELD_RANGES.objects_per_image },
        positivesPerImage: positivesField(counts),
      },
      inference: {
        candidatesPerImage: {
          default: counts.defaults.candidatesPerImage,
          ...upTo(
            counts.maxCandidatesPerImage({
              numClasses: defaults.numClasses,
              computedImageSize: computedImageSize(name, defaults, defaultImageSize),
              detections: counts.maxDetectionsPerImage,
            }),
            FIELD_RANGES.candidates_per_image,
          ),
        },
        detectionsPerImage: {
          default: counts.defaults.detectionsPerImage,
          ...upTo(counts.maxDetectionsPerImage, FIELD_RANGES.detections_per_image),
        },
      },
    }
  );
}

/** All layers train without backbone weights, so that is the default where there are none by default. */
function layersField({ backboneLayers, defaults }: ArchitectureDescription): IntegerSetting | undefined {
  if (backboneLayers === null) return undefined;
  const all = defaults.weightsBackbone === 'none';
  return {
    default: all ? backboneLayers : (defaults.trainableBackboneLayers ?? backboneLayers),
    ...upTo(backboneLayers, FIELD_RANGES.trainable_backbone_layers),
  };
}

function sizeField(pixels: number | null, range: Range): IntegerSetting | undefined {
  return pixels === null ? undefined : { default: pixels, ...range };
}

function positivesField({ defaults, maxPositivesPerImage }: DetectionCounts): IntegerSetting | undefined {
  return defaults.positivesPerImage === null || maxPositivesPerImage === null
    ? undefined
    : { default: defaults.positivesPerImage, ...upTo(maxPositivesPerImage, FIELD_RANGES.positives_per_image) };
}

function upTo(most: number, { minimum, maximum }: Range): Range {
  return { minimum, maximum: Math.min(most, maximum) };
}
