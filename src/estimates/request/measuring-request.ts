import { architectures } from '../../engine/zoo/catalogue.js';
import type { Workload } from '../../profiles/workload.js';
import type { MeasurableDto } from '../dto/measurable.dto.js';

/** A body for `/api/v1/estimate-resource` that measures exactly this workload, every field of it written out. */
export function measuringRequest(workload: Workload): Readonly<Partial<MeasurableDto>> {
  const { options, applicationType } = workload;
  const written: { readonly [K in keyof MeasurableDto]?: MeasurableDto[K] | null } = {
    architecture: workload.architecture,
    application_type: applicationType,
    batch_size: workload.batchSize,
    image_size: [...workload.imageSize],
    num_classes: options.numClasses,
    weights_backbone: options.weightsBackbone,
    trainable_backbone_layers: hasLayersToChoose(workload) ? options.trainableBackboneLayers : null,
    min_size: options.minSize,
    max_size: options.maxSize,
    aux_loss: options.auxLoss,
    objects_per_image: workload.objectsPerImage,
    positives_per_image: workload.positivesPerImage,
    candidates_per_image: workload.candidatesPerImage,
    detections_per_image: workload.detectionsPerImage,
    threads: workload.threads,
    runtime: unless(workload.runtime, 'onnxruntime'),
    device: unless(workload.device, 'cpu'),
    precision: unless(workload.precision, 'fp32'),
    ...(workload.monitoring === 'interval' && {
      threading: true,
      sampling_interval_seconds: workload.samplingIntervalSeconds,
    }),
    source: 'measured',
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== null));
}

/** Null for what a request gets that says nothing. */
function unless<T>(value: T, usual: T): T | null {
  return value === usual ? null : value;
}

/** An inference is the same whatever trains. */
function hasLayersToChoose({ applicationType, architecture }: Workload): boolean {
  const layers = architectures.get(architecture)?.backboneLayers ?? null;
  return applicationType === 'training' && layers !== null;
}
