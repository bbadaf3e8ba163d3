import { FIELD_RANGES } from '../../architectures/field-ranges.js';
import { TASKS } from '../../architectures/tasks.js';
import {
  ChoiceField,
  DeviceField,
  FlagField,
  ImageSizeField,
  IntegerField,
  NameField,
  NumberField,
} from '../../common/fields.js';
import type { Task } from '../../engine/zoo/description.js';
import { type Device, PRECISIONS, type Precision, type RuntimeName, RUNTIMES } from '../../profiles/workload.js';
import { BATCH_SIZES, IMAGE_SIDES, SAMPLING_INTERVALS } from './limits.js';

/** What every estimate is asked with: the network and the work it has to do. */
export class WorkloadDto {
  @NameField({
    maxLength: 200,
    description: "The network, by torchvision's name; `GET /api/v1/architectures` lists them.",
    example: 'ssdlite320_mobilenet_v3_large',
  })
  architecture!: string;

  @IntegerField(BATCH_SIZES, { description: 'Images that are computed at once.', example: 8 })
  batch_size!: number;

  @ImageSizeField(IMAGE_SIDES, {
    description:
      '`[height, width]` in pixels of the images as they are given to the network. Detectors resize them: the answer says to what. Some networks need more than 1 pixel on each side.',
    example: [320, 320],
  })
  image_size!: [number, number];

  @ChoiceField(['training', 'inference'], { description: 'What is to be done with the network.', example: 'training' })
  application_type!: 'training' | 'inference';

  @ChoiceField(TASKS, {
    optional: true,
    description:
      'Has to fit the architecture, and follows from it when left out: objects in boxes (`detection`), objects with masks (`instance`), a class for each pixel (`segmentation`), a class for each image (`classification`).',
    example: 'detection',
    replaced: { instance_segmentation: 'instance' },
  })
  task_type?: Task;

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
      'How memory and CPU are followed. `false`: by the measured process itself, at the ends of its phases and by the kernel’s mark of the highest memory. `true`: by samples taken from outside, too.',
  })
  threading?: boolean;

  @NumberField(SAMPLING_INTERVALS, {
    optional: true,
    description:
      'With `threading` only: seconds between two samples, 0.01 by default. Whatever it is, peaks are of all samples, and no more than 200 are kept to be drawn.',
  })
  sampling_interval_seconds?: number;

  @IntegerField(FIELD_RANGES.num_classes, {
    optional: true,
    description: "Classes, including the background where the network knows one. By default the architecture's.",
  })
  num_classes?: number;

  @ChoiceField(['default', 'none'], {
    optional: true,
    description:
      "How the backbone is built. `default`: as torchvision's builder does when called with no weights. `none`: as with `weights_backbone=None`. By default the architecture's. Networks without a backbone apart from themselves are built in one way only, `none`. Where both come to the same network they share their measurements.",
  })
  weights_backbone?: 'default' | 'none';

  @IntegerField(FIELD_RANGES.trainable_backbone_layers, {
    optional: true,
    description:
      "Backbone stages that train, counted from the last, for networks of which not all has to train. By default the architecture's. Without backbone weights all of them train; an inference is the same whatever trains.",
  })
  trainable_backbone_layers?: number;

  @FlagField({
    optional: true,
    description:
      'Whether there is a second classifier, on an earlier map, for networks that can have one. It costs something in inference too. By default there is none.',
  })
  aux_loss?: boolean;

  @IntegerField(FIELD_RANGES.min_size, {
    optional: true,
    description:
      "Pixels that the shorter side of an image is resized to, for networks that resize to no size of their own. By default the architecture's.",
  })
  min_size?: number;

  @IntegerField(FIELD_RANGES.max_size, {
    optional: true,
    description: 'Most pixels of the longer side after resizing; where it would be more, both sides become smaller.',
  })
  max_size?: number;

  @IntegerField(FIELD_RANGES.objects_per_image, {
    optional: true,
    description:
      'Training only: ground-truth objects planted in each image, for networks that find objects. By default about as many as in COCO.',
  })
  objects_per_image?: number;

  @IntegerField(FIELD_RANGES.positives_per_image, {
    optional: true,
    description:
      'Training only: boxes planted in each image that train as an object, for networks that sample them. By default as many as a trained network comes to.',
  })
  positives_per_image?: number;

  @IntegerField(FIELD_RANGES.candidates_per_image, {
    optional: true,
    description:
      "Inference only: (box, class) pairs of each image that reach non-maximum suppression, for networks that find objects. By default a trained network's.",
  })
  candidates_per_image?: number;

  @IntegerField(FIELD_RANGES.detections_per_image, {
    optional: true,
    description:
      'Inference only: detections that remain of the candidates, for networks that find objects. By default those of a trained network.',
  })
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

  @ChoiceField(PRECISIONS, {
    optional: true,
    default: 'fp32',
    description:
      'Precision of the arithmetic. `bf16` and `fp16` are mixed, by PyTorch’s autocast (`fp16` with scaled gradients), `tf32` is of products on GPUs. Runtime `onnxruntime` has `fp32` alone, PyTorch on a CPU `fp32` and, for most networks, `bf16`.',
  })
  precision?: Precision;

  @ChoiceField(RUNTIMES, {
    optional: true,
    default: 'onnxruntime',
    description:
      'What executes the network: what is built in, or PyTorch, where there is a Python (`PYTHON`) with torch and torchvision. `GET /api/v1/hardware` says what is there.',
  })
  runtime?: RuntimeName;

  @DeviceField({
    optional: true,
    default: 'cpu',
    description:
      'What it is executed on: `cpu`, a GPU of NVIDIA’s, `cuda:0` and so on, or with runtime `onnxruntime` `webgpu`. `GET /api/v1/hardware` says which of them work here.',
  })
  device?: Device;
}
