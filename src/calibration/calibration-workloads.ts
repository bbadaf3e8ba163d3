import { architectures } from '../engine/zoo/catalogue.js';
import type { WorkloadDto } from '../estimates/dto/workload.dto.js';
import { toNetwork } from '../estimates/request/requested-network.js';
import { toWorkload } from '../estimates/request/requested-workload.js';
import type { ApplicationType, RuntimeName, Workload } from '../profiles/workload.js';

/** Of a small batch and of a large one: what an operator costs depends on how much of it there is. */
type SmallAndLarge = readonly [small: number, large: number];

interface Calibrated {
  readonly architecture: string;
  /** Pixels of the images' sides. */
  readonly sides: SmallAndLarge;
  /** Images of a batch. */
  readonly training: SmallAndLarge;
  readonly inference: SmallAndLarge;
}

/** Trains on so many masks of an image; its default of 128 takes several times as long, for more of the same. */
const FEW_MASKS = 16;

/**
 * Every family of the catalogue, and so every kind of operator; ordered so that the first few cover the most. On two cores
 * of 2024 a step of the large ones takes about half a second.
 */
const CALIBRATED: readonly Calibrated[] = [
  { architecture: 'resnet50', sides: [128, 224], training: [1, 3], inference: [2, 8] },
  { architecture: 'ssdlite320_mobilenet_v3_large', sides: [320, 320], training: [2, 8], inference: [2, 12] },
  { architecture: 'fasterrcnn_resnet50_fpn', sides: [160, 320], training: [1, 1], inference: [1, 2] },
  { architecture: 'lraspp_mobilenet_v3_large', sides: [224, 416], training: [2, 3], inference: [2, 6] },
  { architecture: 'maskrcnn_resnet50_fpn', sides: [160, 256], training: [1, 1], inference: [1, 2] },
  { architecture: 'mobilenet_v2', sides: [160, 224], training: [4, 8], inference: [4, 24] },
  { architecture: 'deeplabv3_mobilenet_v3_large', sides: [160, 288], training: [2, 2], inference: [2, 8] },
  { architecture: 'vgg16', sides: [128, 224], training: [1, 1], inference: [1, 3] },
  { architecture: 'retinanet_resnet50_fpn', sides: [160, 320], training: [1, 1], inference: [1, 2] },
  { architecture: 'ssd300_vgg16', sides: [300, 300], training: [1, 2], inference: [1, 3] },
  { architecture: 'fcn_resnet50', sides: [96, 192], training: [1, 1], inference: [1, 2] },
  { architecture: 'fasterrcnn_mobilenet_v3_large_320_fpn', sides: [256, 384], training: [1, 2], inference: [1, 6] },
  { architecture: 'resnet18', sides: [160, 224], training: [2, 8], inference: [2, 16] },
  { architecture: 'mobilenet_v3_large', sides: [160, 224], training: [4, 12], inference: [4, 32] },
  { architecture: 'fcos_resnet50_fpn', sides: [160, 288], training: [1, 1], inference: [1, 2] },
];

/**
 * What is measured so that predictions have something to go by on a machine: all that requests for them would mean, the first
 * of each architecture before the second of any.
 *
 * @param allowedCores cores that the runtime may use
 */
export function calibrationWorkloads(allowedCores: number, runtime: RuntimeName = 'onnxruntime'): readonly Workload[] {
  return ([0, 1] as const).flatMap((size) =>
    CALIBRATED.flatMap((calibrated) =>
      (['training', 'inference'] as const).map((type) => workloadOf(calibrated, type, size, { allowedCores, runtime })),
    ),
  );
}

function workloadOf(
  calibrated: Calibrated,
  applicationType: ApplicationType,
  size: 0 | 1,
  { allowedCores, runtime }: { readonly allowedCores: number; readonly runtime: RuntimeName },
): Workload {
  const { architecture } = calibrated;
  const side = calibrated.sides[size];
  const description = architectures.get(architecture);
  const resizes = typeof description?.defaults.minSize === 'number';
  const masks = applicationType === 'training' && description?.task === 'instance';
  const request: WorkloadDto = {
    architecture,
    application_type: applicationType,
    runtime,
    batch_size: calibrated[applicationType][size],
    image_size: [side, side],
    ...(resizes && { min_size: side, max_size: side }),
    ...(masks && { positives_per_image: FEW_MASKS }),
  };
  return toWorkload(request, toNetwork(request), allowedCores);
}
