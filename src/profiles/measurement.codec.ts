import {
  choice,
  type Codec,
  count,
  DecodingError,
  flag,
  list,
  moment,
  named,
  nullable,
  nullWhereMissing,
  number,
  object,
  pair,
  record,
  text,
} from '../common/codec.js';
import type {
  CpuSource,
  CpuUse,
  Distribution,
  GpuMemory,
  GpuUse,
  Measurement,
  MeasuringProtocol,
  MemoryUse,
  MeasuredNetwork,
  OperatorTime,
  ReachedCounts,
  Reading,
  Sample,
  StepTimes,
  TimingLimits,
} from './measurement.js';
import {
  type ArchitectureOptions,
  type Device,
  DEVICE_PATTERN,
  isDevice,
  PRECISIONS,
  RUNTIMES,
  type Workload,
} from './workload.js';

const deviceCodec: Codec<Device> = {
  schema: {
    type: 'string',
    pattern: DEVICE_PATTERN,
    description: 'What it was executed on; GPUs by the numbers that CUDA gives them.',
  },
  encode: (device) => device,
  decode: (value, path) => {
    if (!isDevice(value)) throw new DecodingError(path, 'cpu, webgpu, or cuda:N with the number of a GPU', value);
    return value;
  },
};

const optionsCodec = object<ArchitectureOptions>({
  numClasses: count('Classes, including the background where the network knows one.'),
  weightsBackbone: choice(['none', 'default']),
  trainableBackboneLayers: nullable(
    count(
      'Backbone stages that train, counted from the last; for inference those by default. Null where all of the network trains.',
    ),
  ),
  minSize: nullable(count('Pixels that the shorter side is resized to; null where the network has one size.')),
  maxSize: nullable(count('Most pixels of the longer side after resizing; null where the network has one size.')),
  auxLoss: nullWhereMissing(nullable(flag('Whether there is a second classifier; null where there can be none.'))),
});

const writtenWorkloadCodec = named(
  'Workload',
  object<Workload>({
    architecture: text("torchvision's name."),
    options: optionsCodec,
    applicationType: choice(['training', 'inference']),
    batchSize: count('Images.'),
    imageSize: pair(count(), "[height, width] in pixels, before the network's own resizing."),
    objectsPerImage: nullable(
      count('Ground-truth objects planted in each image; null for inference, and where the network knows no objects.'),
    ),
    positivesPerImage: nullable(
      count('Boxes planted in each image that train as an object; null for inference, and where the objects decide.'),
    ),
    candidatesPerImage: nullable(
      count(
        '(box, class) pairs of each image that reach non-maximum suppression; null for training, and without detections.',
      ),
    ),
    detectionsPerImage: nullable(
      count('Detections of each image that remain; null for training, and without detections.'),
    ),
    optimizer: nullable(choice(['sgd'], 'SGD with momentum; null for inference.')),
    precision: choice(PRECISIONS),
    runtime: choice(RUNTIMES, 'What executed the network.'),
    device: deviceCodec,
    threads: count('Threads of the runtime.'),
    monitoring: choice(['stepwise', 'interval'], 'How the peaks were obtained.'),
    samplingIntervalSeconds: nullWhereMissing(
      nullable(number('Between two samples from outside; null for step-wise monitoring.')),
    ),
  }),
);

/** Profiles of version 0.4 and earlier do not say how far samples were apart: there was one interval only. */
const FORMER_INTERVAL_SECONDS = 0.01;

export const workloadCodec: typeof writtenWorkloadCodec = {
  ...writtenWorkloadCodec,
  decode: (value, path) => {
    const workload = writtenWorkloadCodec.decode(value, path);
    return workload.monitoring === 'interval' && workload.samplingIntervalSeconds === null
      ? { ...workload, samplingIntervalSeconds: FORMER_INTERVAL_SECONDS }
      : workload;
  },
};

export const networkCodec = named(
  'Network',
  object<MeasuredNetwork>({
    parameters: count(),
    trainableParameters: count(),
    forwardMultiplyAccumulates: number(
      'Multiply-accumulates of convolutions and linear layers in one forward pass of the whole batch; without masks, of which there are as many as detections.',
    ),
    computedImageSize: pair(count(), '[height, width] in pixels that the network computes at, after its own resizing.'),
  }),
);

export const reachedCodec = named(
  'ReachedCounts',
  object<ReachedCounts>(
    {
      objectsPerImage: nullable(number()),
      positivesPerImage: nullable(number()),
      candidatesPerImage: nullable(number()),
      detectionsPerImage: nullable(number()),
    },
    'What the measured run really had: means over the images of the batch.',
  ),
);

const limitFields = {
  maxSteps: count('Most steps, warm-up included.'),
  maxSeconds: number('Most wall time of warm-up and timed steps together.'),
};

export const limitsCodec = object<TimingLimits>(limitFields, 'Within which the timings are brought to rest.');

export const protocolCodec = named(
  'MeasuringProtocol',
  object<MeasuringProtocol>(
    {
      ...limitFields,
      shortened: flag(
        'Whether the limits left fewer steps of warm-up or in a window than there are without limits, or came before the last windows agreed. ' +
          'Such a measurement answers no request with wider limits.',
      ),
    },
    'The limits that it was measured within.',
  ),
);

export const distributionCodec = named(
  'Distribution',
  object<Distribution>({
    median: number(),
    p05: number(),
    p95: number(),
    count: count('Steps that were timed.'),
  }),
);

export const timesCodec = named(
  'StepTimes',
  object<StepTimes>(
    {
      stepSeconds: distributionCodec,
      forwardSeconds: number(),
      backwardSeconds: nullable(number('Without the optimizer; null for inference.')),
      optimizerSeconds: nullable(
        number('Null for inference, and where it is not told from the backward pass, whose time then contains it.'),
      ),
      stable: flag('False when the limit of steps or seconds came before the last windows agreed.'),
      warmupSteps: count(),
      tracedToUntraced: nullable(
        number(
          'Near 1 when the trace that divides the step into its phases can be trusted; null where the phases were timed themselves.',
        ),
      ),
    },
    'Seconds, of the whole batch.',
  ),
);

const CPU_SOURCES = ['process-clock', 'schedstat'] as const satisfies readonly CpuSource[];

const readingCodec = object<Reading>({
  point: choice(['before', 'forward_end', 'backward_end', 'step_end']),
  rssBytes: number(),
  source: choice(
    ['kernel', 'trace'],
    "Of the memory: read from the system, or the runtime's own account inside the step.",
  ),
  cpuPercent: nullWhereMissing(
    nullable(
      number(
        'Over what ends with this point: the life of the process, the forward pass, the backward pass, or, at the end of the step, whole steps. Null where it is not known, as of phases that are too short.',
      ),
    ),
  ),
  cpuSource: nullWhereMissing(
    nullable(
      choice(CPU_SOURCES, "The measuring process's own account, or the scheduler's of each thread, read from outside."),
    ),
  ),
});

const gpuMemoryCodec = object<GpuMemory>(
  {
    allocatedPeakBytes: nullable(
      number("Most that the runtime's allocator had handed out; null where the runtime does not tell."),
    ),
    reservedPeakBytes: nullable(
      number('Most that it had taken from the driver, handed out or not; null where the runtime does not tell.'),
    ),
    processPeakBytes: nullable(
      number('Most of all that the process had, by the driver, context and libraries included; null where not known.'),
    ),
    deviceUsedPeakBytes: nullable(number('Most in use by all processes together; null where not known.')),
    deviceUsedBeforeBytes: nullable(number('The same before the measuring process was started; null where not known.')),
  },
  'Of the GPU, over the measured steps; null on a CPU.',
);

export const memoryCodec = named(
  'MemoryUse',
  object<MemoryUse>(
    {
      baselineRssBytes: number('Resident set of the measuring process before the model was built.'),
      peakRssBytes: number('Highest resident set of the measuring process over the measured steps.'),
      peakSource: choice(
        ['kernel', 'sampling', 'readings'],
        "The kernel's mark of the highest resident set, the highest of the samples, or the highest of the readings.",
      ),
      loadingPeakRssBytes: nullWhereMissing(
        nullable(
          number(
            'Highest resident set from the beginning of the process until the workload was loaded, which may be above that of its steps; null where it is not known.',
          ),
        ),
      ),
      fileRssBytes: nullWhereMissing(
        nullable(
          number(
            'Of the resident set, pages of program files, which the kernel takes back when it must; null where it is not known.',
          ),
        ),
      ),
      machineUsedBeforeBytes: number('In use on the whole machine before the measurement.'),
      readings: list(readingCodec, 'Step-wise readings at the ends of the phases.'),
      gpu: nullWhereMissing(nullable(gpuMemoryCodec)),
    },
    'Bytes.',
  ),
);

export const cpuCodec = named(
  'CpuUse',
  object<CpuUse>(
    {
      meanPercent: number('Over the timed steps.'),
      peakPercent: number('Highest over windows of at least 100 ms.'),
      source: nullWhereMissing(
        nullable(
          choice(
            CPU_SOURCES,
            "Of mean and peak: the measuring process's own account, or the scheduler's of each thread, read from outside.",
          ),
        ),
      ),
      otherLoadPercent: number('Share of the machine used by other processes meanwhile.'),
      stolenPercent: nullWhereMissing(
        nullable(
          number("Share of the machine's CPU time that its hypervisor gave to others; null where it is not told."),
        ),
      ),
      throttledPercent: nullWhereMissing(
        nullable(number("Share of the periods of the cgroup's quota in which it was used up; null without a quota.")),
      ),
      heatSlowdowns: nullWhereMissing(
        nullable(count('Times that the processor was slowed down for heat; null where nobody counts.')),
      ),
    },
    'What the process used, in percent of the cores that it may use, and what took them away; 0 to 100.',
  ),
);

export const gpuCodec = named(
  'GpuUse',
  object<GpuUse>(
    {
      deviceMeanPercent: nullable(number('Share of the time in which any process worked on it.')),
      devicePeakPercent: nullable(number()),
      processMeanPercent: nullable(number('Share of the time in which the measuring process worked on it.')),
      processPeakPercent: nullable(number()),
    },
    'How busy the GPU was over the measured steps, in percent by the driver, which averages over up to a second; null where it does not tell.',
  ),
);

const sampleCodec = object<Sample>({ seconds: number(), rssBytes: number(), cpuPercent: number() });

const operatorCodec = object<OperatorTime>({
  phase: choice(['forward', 'backward', 'optimizer']),
  operator: text(),
  count: count(),
  seconds: number(),
});

export const measurementCodec = named(
  'Measurement',
  object<Measurement>({
    id: text(),
    measuredAt: moment(),
    durationSeconds: number('Wall time that measuring took, all phases included.'),
    workload: workloadCodec,
    network: networkCodec,
    reached: reachedCodec,
    protocol: nullWhereMissing(nullable(protocolCodec)),
    times: timesCodec,
    memory: memoryCodec,
    cpu: cpuCodec,
    gpu: nullWhereMissing(nullable(gpuCodec)),
    samples: list(sampleCodec, 'Interval monitoring only.'),
    operators: list(
      operatorCodec,
      'Shares of the kinds of operators in a step, slowest first; empty where the runtime has no trace.',
    ),
    losses: nullable(record(number(), 'Of the last step; null for inference.')),
  }),
);
