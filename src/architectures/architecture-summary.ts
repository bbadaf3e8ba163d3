import { choice, count, flag, list, nullable, number, object, pair, text } from '../common/codec.js';
import type {
  ArchitectureDescription,
  CountLimits,
  DetectionCounts,
  NetworkOptions,
  WeightsBackbone,
} from '../engine/zoo/description.js';
import type { NetworkFacts } from '../profiles/measurement.js';

/** One way to build an architecture, and what it comes to. */
interface Variant {
  readonly weightsBackbone: WeightsBackbone;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly forwardMultiplyAccumulates: number;
}

/** An architecture as the catalogue's endpoint shows it. */
export interface ArchitectureSummary {
  readonly name: string;
  readonly task: ArchitectureDescription['task'];
  readonly defaultImageSize: readonly [height: number, width: number];
  readonly computedImageSize: readonly [height: number, width: number];
  readonly resizeRule: string;
  readonly defaultOptions: NetworkOptions;
  readonly backboneLayers: number | null;
  readonly defaultCounts: DetectionCounts['defaults'] | null;
  readonly maxCounts: CountLimits | null;
  readonly variants: readonly Variant[];
}

const VARIANTS: readonly WeightsBackbone[] = ['default', 'none'];

export function summarise(
  description: ArchitectureDescription,
  factsOf: (options: NetworkOptions) => NetworkFacts,
): ArchitectureSummary {
  const { counts, defaults } = description;
  return {
    name: description.name,
    task: description.task,
    defaultImageSize: description.defaultImageSize,
    computedImageSize: factsOf(defaults).computedImageSize,
    resizeRule: description.resizeRule,
    defaultOptions: defaults,
    backboneLayers: description.backboneLayers,
    defaultCounts: counts?.defaults ?? null,
    maxCounts: counts && {
      candidatesPerImage: counts.maxCandidatesPerImage(defaults.numClasses, counts.maxDetectionsPerImage),
      detectionsPerImage: counts.maxDetectionsPerImage,
    },
    variants: description.variants.map((weightsBackbone) => {
      const facts = factsOf({ ...defaults, weightsBackbone });
      return {
        weightsBackbone,
        parameters: facts.parameters,
        trainableParameters: facts.trainableParameters,
        forwardMultiplyAccumulates: facts.forwardMultiplyAccumulates,
      };
    }),
  };
}

const variantCodec = object<Variant>({
  weightsBackbone: choice(VARIANTS),
  parameters: count(),
  trainableParameters: count(),
  forwardMultiplyAccumulates: number(
    'Multiply-accumulates of convolutions and linear layers for one image of the default size.',
  ),
});

export const architectureSummaryCodec = object<ArchitectureSummary>({
  name: text("torchvision's name."),
  task: choice(['detection', 'instance', 'segmentation', 'classification']),
  defaultImageSize: pair(count(), '[height, width] in pixels.'),
  computedImageSize: pair(count(), '[height, width] in pixels that an image of the default size is resized to.'),
  resizeRule: text(),
  defaultOptions: object<NetworkOptions>({
    numClasses: count('Classes, including the background where the network knows one.'),
    weightsBackbone: choice(VARIANTS),
    trainableBackboneLayers: nullable(count('Null where all of the network trains.')),
    minSize: nullable(count('Pixels that the shorter side is resized to.')),
    maxSize: nullable(count('Most pixels of the longer side after resizing.')),
    auxLoss: nullable(flag('Whether a second classifier trains; null where the network has none.')),
  }),
  backboneLayers: nullable(count('Most that trainable_backbone_layers can be; null where all of the network trains.')),
  defaultCounts: nullable(
    object<DetectionCounts['defaults']>(
      {
        objectsPerImage: count(),
        positivesPerImage: nullable(count('Null where the objects alone decide.')),
        candidatesPerImage: count(),
        detectionsPerImage: count(),
      },
      'Work of a trained network on an image, taken where a request gives no counts; null where the network knows no objects.',
    ),
  ),
  maxCounts: nullable(
    object<CountLimits>(
      { candidatesPerImage: count(), detectionsPerImage: count() },
      "Most that the network's own limits let through with the default number of classes; null as defaultCounts.",
    ),
  ),
  variants: list(variantCodec, 'What the two ways to build the backbone come to.'),
});
