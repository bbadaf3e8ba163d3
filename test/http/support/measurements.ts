import { networkFacts } from '../../../src/engine/zoo/facts.js';
import type { Machine } from '../../../src/hardware/machine.js';
import type { Measurement } from '../../../src/profiles/measurement.js';
import type { Workload } from '../../../src/profiles/workload.js';

export const A_MACHINE: Machine = {
  id: '3f9a1c0b7e52',
  cpuModel: 'Imaginary 9000',
  physicalCores: 4,
  logicalCores: 8,
  allowedCores: 4,
  memoryBytes: 16_000_000_000,
  memoryLimitBytes: null,
  os: 'Imaginary OS 1',
  kernel: '6.1.0',
  instructionSet: 'x64',
  nodeVersion: '20.20.2',
  onnxruntimeVersion: '1.30.0',
  engineVersion: '0.0.1',
  gpus: [],
};

export const A_TRAINING: Workload = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  options: {
    numClasses: 91,
    weightsBackbone: 'default',
    trainableBackboneLayers: 6,
    minSize: null,
    maxSize: null,
    auxLoss: null,
  },
  applicationType: 'training',
  batchSize: 8,
  imageSize: [320, 320],
  objectsPerImage: 7,
  positivesPerImage: null,
  candidatesPerImage: null,
  detectionsPerImage: null,
  optimizer: 'sgd',
  precision: 'fp32',
  runtime: 'onnxruntime',
  device: 'cpu',
  threads: 4,
  monitoring: 'stepwise',
};

/** A measurement whose figures follow from its workload, so that those of another one are recognised. */
export function aMeasurement(workload: Workload, changes: Partial<Measurement> = {}): Measurement {
  const training = workload.applicationType === 'training';
  const forwardSeconds = 0.01 * workload.batchSize + 0.003;
  const backwardSeconds = training ? 2 * forwardSeconds : null;
  const optimizerSeconds = training ? 0.007 : null;
  const median = forwardSeconds + (backwardSeconds ?? 0) + (optimizerSeconds ?? 0);
  return {
    id: `measurement-of-${String(workload.batchSize)}`,
    measuredAt: '2026-11-20T09:30:00.000Z',
    durationSeconds: 12.5,
    workload,
    network: networkFacts(workload.architecture, workload.options, workload.batchSize, workload.imageSize),
    reached: {
      objectsPerImage: workload.objectsPerImage,
      positivesPerImage: workload.objectsPerImage === null ? null : (workload.positivesPerImage ?? 31.5),
      candidatesPerImage: workload.candidatesPerImage,
      detectionsPerImage: workload.detectionsPerImage,
    },
    times: {
      stepSeconds: { median, p05: 0.95 * median, p95: 1.1 * median, count: 12 },
      forwardSeconds,
      backwardSeconds,
      optimizerSeconds,
      stable: true,
      warmupSteps: 3,
      tracedToUntraced: 1.01,
    },
    memory: {
      baselineRssBytes: 90_000_000,
      peakRssBytes: 400_000_000 + 50_000_000 * workload.batchSize,
      peakSource: 'kernel',
      machineUsedBeforeBytes: 2_000_000_000,
      readings: [{ point: 'before', rssBytes: 180_000_000, source: 'kernel' }],
    },
    cpu: { meanPercent: 91, peakPercent: 97.5, otherLoadPercent: 2 },
    samples: [],
    operators: [{ phase: 'forward', operator: 'Conv', count: 62, seconds: 0.8 * forwardSeconds }],
    losses: training ? { bbox_regression: 1.5, classification: 9.25 } : null,
    ...changes,
  };
}
