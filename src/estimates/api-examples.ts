const training = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 8,
  image_size: [320, 320],
  application_type: 'training',
};

const segmentation = {
  architecture: 'deeplabv3_resnet50',
  batch_size: 4,
  image_size: [520, 520],
  application_type: 'training',
  aux_loss: true,
};

const classification = {
  architecture: 'resnet50',
  batch_size: 32,
  image_size: [224, 224],
  application_type: 'inference',
};

const inference = { ...training, application_type: 'inference' };

/** Requests that work as they stand. */
export const EXAMPLES = {
  training,
  inference,
  segmentation,
  classification,
  fit: { ...training, batch_size: 64, memory_budget_bytes: 8_000_000_000 },
  trainingTime: { ...training, dataset_size: 5000, epochs: 10 },
  wholeTrainingTime: {
    ...training,
    dataset_size: 5000,
    epochs: 10,
    data_loading_images_per_second: 100,
    validation_share: 0.1,
    checkpoint_seconds: 2,
    warmup_seconds: 20,
  },
  nestedTrainingTime: {
    resource_estimation: { ...training, dataset_size: 5000 },
    resource_estimation_results: { 'Batch Time': { forward_pass: 0.21, backward_pass: 0.47 } },
    epochs: 10,
  },
  nestedInferenceTime: {
    resource_estimation: inference,
    resource_estimation_results: { 'Batch Time': { forward_pass: 0.16, backward_pass: null } },
  },
} as const;
