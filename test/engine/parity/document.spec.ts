import {
  NonFiniteFigureError,
  stepDocument,
  tablesDocument,
  type NetworkIdentity,
  type StepInput,
} from '../../../src/engine/parity/document.js';

const NETWORK: NetworkIdentity = {
  architecture: 'tiny',
  weightsBackbone: 'none',
  engineVersion: '1.2.3',
  onnxruntimeVersion: '4.5.6',
};
const PARAMETERS = [
  { name: 'stem.weight', shape: [4, 3], kind: 'parameter', trains: false },
  { name: 'head.weight', shape: [7], kind: 'parameter', trains: true },
  { name: 'head.scale', shape: [], kind: 'parameter', trains: true },
] as const;
const STEP: StepInput = {
  network: NETWORK,
  stepCase: { batch: 2, imageSize: [200, 280], minSize: null, maxSize: null, objects: 5, seed: 0 },
  parameters: PARAMETERS,
  forwardMultiplyAccumulates: 4_665_374_612,
  losses: new Map([
    ['bbox_regression', 3.5],
    ['classification', 0.25],
  ]),
  gradients: new Map([
    ['head.weight', Float32Array.from({ length: 7 }, (_, i) => Math.sqrt(i + 1))],
    ['head.scale', Float32Array.of(3)],
  ]),
  printGradients: false,
  inference: null,
  times: null,
};

describe('stepDocument', () => {
  it('has the keys of the reference, in its order, with the engine in the place of torch', () => {
    expect(Object.keys(stepDocument(STEP))).toEqual([
      'architecture',
      'weights_backbone',
      'engine',
      'onnxruntime',
      'batch',
      'image_size',
      'min_size',
      'max_size',
      'objects',
      'seed',
      'parameters',
      'trainable_parameters',
      'forward_gmacs',
      'losses',
      'total',
      'gradient_norm',
    ]);
  });

  it('counts elements, adds the losses, and rounds multiply-accumulates to six decimals of 10^9', () => {
    expect(stepDocument(STEP)).toMatchObject({
      engine: '1.2.3',
      onnxruntime: '4.5.6',
      parameters: 20,
      trainable_parameters: 8,
      forward_gmacs: 4.665375,
      losses: { bbox_regression: 3.5, classification: 0.25 },
      total: 3.75,
    });
  });

  it('takes the gradient norm over all gradients', () => {
    expect(stepDocument(STEP).gradient_norm).toBeCloseTo(Math.sqrt(28 + 9), 6);
  });

  it('prints norm and projection of each gradient when asked', () => {
    const { gradients } = stepDocument({ ...STEP, printGradients: true });
    expect(Object.keys(gradients ?? {})).toEqual(['head.weight', 'head.scale']);
    expect(gradients?.['head.weight']?.norm).toBeCloseTo(5.291502624025007, 9);
    expect(gradients?.['head.weight']?.projection).toBeCloseTo(-6.578593730926514, 9);
  });

  it('shows the first five detections of each image and counts them all', () => {
    const scores = Float32Array.from({ length: 6 }, (_, i) => 1 - i / 8);
    const labels = BigInt64Array.of(9n, 8n, 7n, 6n, 5n, 4n);
    const boxes = Float32Array.from({ length: 24 }, (_, i) => i);
    const few = {
      scores: Float32Array.of(0.5),
      labels: BigInt64Array.of(1n),
      boxes: Float32Array.of(0, 0, 2, 2),
      candidates: 1,
      masks: Float32Array.of(0, 0.5, 1, 1),
    };
    const none = {
      scores: new Float32Array(),
      labels: new BigInt64Array(),
      boxes: new Float32Array(),
      candidates: 0,
      masks: null,
    };
    const images = [{ scores, labels, boxes, candidates: 6, masks: null }, few, none];
    expect(stepDocument({ ...STEP, inference: { kind: 'detections', images } }).inference).toEqual([
      {
        detections: 6,
        scores: [1, 0.875, 0.75, 0.625, 0.5],
        labels: [9, 8, 7, 6, 5],
        boxes: [
          [0, 1, 2, 3],
          [4, 5, 6, 7],
          [8, 9, 10, 11],
          [12, 13, 14, 15],
          [16, 17, 18, 19],
        ],
      },
      { detections: 1, scores: [0.5], labels: [1], boxes: [[0, 0, 2, 2]], mask_sum: 2.5 },
      { detections: 0, scores: [], labels: [], boxes: [] },
    ]);
  });

  it('shows shape, norm and the first eight of the scores of classes', () => {
    const scores = Float32Array.from({ length: 10 }, (_, i) => i);
    const { inference } = stepDocument({ ...STEP, inference: { kind: 'scores', shape: [1, 10], scores } });
    expect(inference).toEqual({ shape: [1, 10], norm: Math.sqrt(285), first: [0, 1, 2, 3, 4, 5, 6, 7] });
  });

  it('ends with the times and the peak memory in MiB when asked', () => {
    const document = stepDocument({
      ...STEP,
      times: {
        forwardSeconds: 1,
        backwardSeconds: 2,
        optimizerSeconds: 0.5,
        inferenceSeconds: 0.75,
        runs: 3,
        threads: 2,
        peakRssBytes: 123_456_789,
      },
    });
    expect(Object.keys(document).slice(-2)).toEqual(['seconds', 'peak_rss_mib']);
    expect(document.seconds).toEqual({
      forward: 1,
      backward: 2,
      optimizer: 0.5,
      inference: 0.75,
      runs: 3,
      threads: 2,
    });
    expect(document.peak_rss_mib).toBe(117.7);
  });

  it('refuses a loss that JSON cannot hold', () => {
    const losses = new Map([['classification', NaN]]);
    expect(() => stepDocument({ ...STEP, losses })).toThrow(NonFiniteFigureError);
  });

  it('refuses a gradient that JSON cannot hold, and names it', () => {
    const gradients = new Map([['head.scale', Float32Array.of(Infinity)]]);
    expect(() => stepDocument({ ...STEP, gradients })).toThrow(/head\.scale/);
  });
});

describe('tablesDocument', () => {
  it('lists parameters, then buffers, after the counts', () => {
    const buffers = [{ name: 'norm.num_batches_tracked', shape: [], kind: 'buffer', trains: false }] as const;
    const document = tablesDocument(NETWORK, PARAMETERS, buffers);
    expect(Object.keys(document)).toEqual([
      'architecture',
      'weights_backbone',
      'engine',
      'onnxruntime',
      'parameters',
      'trainable_parameters',
      'tensors',
    ]);
    expect(document.tensors).toEqual([
      { name: 'stem.weight', shape: [4, 3], kind: 'parameter', trains: false },
      { name: 'head.weight', shape: [7], kind: 'parameter', trains: true },
      { name: 'head.scale', shape: [], kind: 'parameter', trains: true },
      { name: 'norm.num_batches_tracked', shape: [], kind: 'buffer', trains: false },
    ]);
  });
});
