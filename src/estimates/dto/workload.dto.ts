import { ChoiceField, FlagField, ImageSizeField, IntegerField, NameField } from '../../common/fields.js';

/** What every estimate is asked with: the network and the work it has to do. */
export class WorkloadDto {
  @NameField({
    maxLength: 200,
    description: "The network, by torchvision's name; `GET /api/v1/architectures` lists them.",
    example: 'ssdlite320_mobilenet_v3_large',
  })
  architecture!: string;

  @IntegerField({ minimum: 1, maximum: 1024 }, { description: 'Images that are computed at once.', example: 8 })
  batch_size!: number;

  @ImageSizeField(
    { minimum: 1, maximum: 4096 },
    {
      description:
        '`[height, width]` in pixels of the images as they are given to the network. Detectors resize them: the answer says to what.',
      example: [320, 320],
    },
  )
  image_size!: [number, number];

  @ChoiceField(['training', 'inference'], { description: 'What is to be done with the network.', example: 'training' })
  application_type!: 'training' | 'inference';

  @ChoiceField(['detection', 'instance', 'segmentation', 'classification'], {
    optional: true,
    description: 'Has to fit the architecture, and follows from it when left out.',
    example: 'detection',
  })
  task_type?: 'detection' | 'instance' | 'segmentation' | 'classification';

  @IntegerField(
    { minimum: 1, maximum: 1_000_000_000_000 },
    {
      optional: true,
      description: 'How many parameters the network is thought to have. The answer warns when it has another number.',
    },
  )
  parameters?: number;

  @FlagField({
    optional: true,
    default: false,
    description:
      'How peaks are obtained. `false`: readings at the ends of the phases of a step. `true`: samples taken every 10 ms from outside the measured process.',
  })
  threading?: boolean;

  @IntegerField(
    { minimum: 2, maximum: 2000 },
    { optional: true, description: "Classes, the background included. By default the architecture's." },
  )
  num_classes?: number;

  @ChoiceField(['default', 'none'], {
    optional: true,
    description:
      "How the backbone is built. `default`: as torchvision's builder does when called with no detection weights. `none`: as with `weights_backbone=None`. By default the architecture's: `default`, but `none` for those that are a backbone themselves.",
  })
  weights_backbone?: 'default' | 'none';

  @IntegerField(
    { minimum: 0, maximum: 10 },
    {
      optional: true,
      description:
        "Backbone stages that train, counted from the last. By default the architecture's. Without backbone weights all of them train.",
    },
  )
  trainable_backbone_layers?: number;

  @FlagField({
    optional: true,
    description: 'Whether a second classifier trains on an earlier map, for networks that have one. By default not.',
  })
  aux_loss?: boolean;

  @IntegerField(
    { minimum: 64, maximum: 4096 },
    {
      optional: true,
      description:
        "Pixels that the shorter side of an image is resized to, for networks that resize to no size of their own. By default the architecture's.",
    },
  )
  min_size?: number;

  @IntegerField(
    { minimum: 64, maximum: 8192 },
    {
      optional: true,
      description: 'Most pixels of the longer side after resizing; where it would be more, both sides become smaller.',
    },
  )
  max_size?: number;

  @IntegerField(
    { minimum: 1, maximum: 500 },
    {
      optional: true,
      description: 'Training only: ground-truth objects planted in each image. By default about as many as in COCO.',
    },
  )
  objects_per_image?: number;

  @IntegerField(
    { minimum: 1, maximum: 512 },
    {
      optional: true,
      description:
        'Training only: boxes planted in each image that train as an object, for networks that sample them. By default as many as a trained network comes to.',
    },
  )
  positives_per_image?: number;

  @IntegerField(
    { minimum: 0, maximum: 1_000_000 },
    {
      optional: true,
      description:
        "Inference only: (box, class) pairs of each image that reach non-maximum suppression. By default a trained network's.",
    },
  )
  candidates_per_image?: number;

  @IntegerField(
    { minimum: 0, maximum: 1000 },
    {
      optional: true,
      description: 'Inference only: detections that remain of the candidates. By default those of a trained network.',
    },
  )
  detections_per_image?: number;

  @IntegerField(
    { minimum: 1, maximum: 1024 },
    {
      optional: true,
      description: 'Threads of the runtime. By default, and at most, the cores that the service may use.',
    },
  )
  threads?: number;

  @ChoiceField(['sgd'], { optional: true, description: 'Training only: SGD with momentum.' })
  optimizer?: 'sgd';

  @ChoiceField(['fp32'], { optional: true, default: 'fp32', description: 'Precision of all arithmetic.' })
  precision?: 'fp32';

  @ChoiceField(['onnxruntime'], { optional: true, default: 'onnxruntime', description: 'What executes the network.' })
  runtime?: 'onnxruntime';

  @ChoiceField(['cpu'], { optional: true, default: 'cpu', description: 'What it is executed on.' })
  device?: 'cpu';
}
