import {
  choice,
  count,
  flag,
  list,
  named,
  nullable,
  number,
  object,
  optional,
  pair,
  text,
  type Codec,
} from '../common/codec.js';
import type { WeightsBackbone } from '../engine/zoo/description.js';
import type { ArchitectureSummary, Variant } from './architecture-summary.js';
import type { ChoiceSetting, CountFields, FlagSetting, IntegerSetting, OptionFields } from './request-fields.js';
import { TASKS } from './tasks.js';

const weightsBackbone = choice<WeightsBackbone>(['default', 'none']);

const integer = (description: string): Codec<IntegerSetting> =>
  object<IntegerSetting>({ default: count(), minimum: count(), maximum: count() }, description);

const optionsCodec = object<OptionFields>(
  {
    numClasses: integer('Classes, including the background where the network knows one.'),
    weightsBackbone: optional(
      object<ChoiceSetting<WeightsBackbone>>(
        { default: weightsBackbone, choices: list(weightsBackbone) },
        'How the backbone is built; missing where there is one way only.',
      ),
    ),
    trainableBackboneLayers: optional(
      integer('Stages of the backbone that train, counted from the last; missing where all of the network trains.'),
    ),
    minSize: optional(
      integer('Pixels that the shorter side is resized to; missing where the network leaves no choice.'),
    ),
    maxSize: optional(integer('Most pixels of the longer side after resizing; missing as `min_size`.')),
    auxLoss: optional(
      object<FlagSetting>(
        { default: flag() },
        'Whether there is a second classifier; missing where there can be none.',
      ),
    ),
  },
  'Fields of a request that shape the network. What is missing here is refused there.',
);

const countsCodec = object<CountFields>(
  {
    training: object<CountFields['training']>({
      objectsPerImage: integer('Ground-truth objects in an image.'),
      positivesPerImage: optional(
        integer('Boxes that train as an object; missing where the objects alone decide how many there are.'),
      ),
    }),
    inference: object<CountFields['inference']>({
      candidatesPerImage: integer(
        '(box, class) pairs that reach non-maximum suppression; the maximum is that with the default options and images of the default size.',
      ),
      detectionsPerImage: integer('Detections that remain of them.'),
    }),
  },
  'Fields of a request that decide the work in an image, with that of a trained network as default; null where the size of the images alone decides it.',
);

const multiplyAccumulates = number(
  'Of convolutions and linear layers, in the forward pass of one image of the default size; without masks.',
);

const variantCodec = object<Variant>({
  weightsBackbone,
  parameters: count(),
  trainableParameters: count(),
  forwardMultiplyAccumulates: multiplyAccumulates,
});

export const architectureSummaryCodec = named(
  'Architecture',
  object<ArchitectureSummary>({
    name: text("torchvision's name."),
    task: choice(TASKS),
    parameters: count('With the default options.'),
    trainableParameters: count('With the default options.'),
    forwardMultiplyAccumulates: multiplyAccumulates,
    defaultImageSize: pair(count(), '[height, width] in pixels at which the network is usually quoted.'),
    computedImageSize: pair(count(), '[height, width] in pixels that an image of the default size is computed at.'),
    smallestImageSide: count('Pixels; with a shorter side nothing would be left of some map.'),
    resizeRule: text('What the network does with the size of the images it is given.'),
    options: optionsCodec,
    counts: nullable(countsCodec),
    variants: list(variantCodec, 'What each `weights_backbone` comes to.'),
  }),
);
