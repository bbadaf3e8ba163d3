import { choice, count, list, nullable, number, object, pair, text } from '../common/codec.js';
import type { ArchitectureDescription, CountLimits, NetworkOptions, WeightsBackbone } from '../engine/zoo/catalogue.js';
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
  readonly backboneLayers: number;
  readonly defaultCounts: ArchitectureDescription['defaultCounts'];
  readonly maxCounts: CountLimits;
  readonly variants: readonly Variant[];
}

const VARIANTS: readonly WeightsBackbone[] = ['default', 'none'];

export function summarise(
  description: ArchitectureDescription,
  factsOf: (options: NetworkOptions) => NetworkFacts,
): ArchitectureSummary {
  const { defaults } = description;
  return {
    name: description.name,
    task: description.task,
    defaultImageSize: description.defaultImageSize,
    computedImageSize: factsOf(defaults).computedImageSize,
    resizeRule: description.resizeRule,
    defaultOptions: defaults,
    backboneLayers: description.backboneLayers,
    defaultCounts: description.defaultCounts,
    maxCounts: {
      candidatesPerImage: description.maxCandidatesPerImage(defaults.numClasses, description.maxDetectionsPerImage),
      detectionsPerImage: description.maxDetectionsPerImage,
    },
    variants: VARIANTS.map((weightsBackbone) => {
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
  task: choice(['detection', 'instance_segmentation']),
  defaultImageSize: pair(count(), '[height, width] in pixels.'),
  computedImageSize: pair(count(), '[height, width] in pixels that an image of the default size is resized to.'),
  resizeRule: text(),
  defaultOptions: object<NetworkOptions>({
    numClasses: count('Classes including the background.'),
    weightsBackbone: choice(VARIANTS),
    trainableBackboneLayers: count(),
    minSize: nullable(count('Pixels that the shorter side is resized to.')),
    maxSize: nullable(count('Most pixels of the longer side after resizing.')),
  }),
  backboneLayers: count('Most that trainable_backbone_layers can be.'),
  defaultCounts: object<ArchitectureDescription['defaultCounts']>(
    {
      objectsPerImage: count(),
      positivesPerImage: nullable(count('Null where the objects alone decide.')),
      candidatesPerImage: count(),
      detectionsPerImage: count(),
    },
    'Work of a trained network on an image, taken where a request gives no counts.',
  ),
  maxCounts: object<CountLimits>(
    { candidatesPerImage: count(), detectionsPerImage: count() },
    "Most that the network's own limits let through with the default number of classes.",
  ),
  variants: list(variantCodec, 'What the two ways to build the backbone come to.'),
});
