import type { WorkloadDto } from '../../../src/estimates/dto/workload.dto.js';
import { toNetwork } from '../../../src/estimates/request/requested-network.js';
import { toWorkload } from '../../../src/estimates/request/requested-workload.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';
import type { Workload } from '../../../src/profiles/workload.js';
import { A_TRAINING } from '../../fixtures/measurements.js';

const TRAINING = {
  architecture: 'ssdlite320_mobilenet_v3_large',
  batch_size: 8,
  image_size: [320, 320],
  application_type: 'training',
} satisfies WorkloadDto;
const INFERENCE = { ...TRAINING, application_type: 'inference' } satisfies WorkloadDto;

function workloadOf(request: WorkloadDto): Workload {
  return toWorkload(request, toNetwork(request), 4);
}

describe('the workload of a request', () => {
  it('has every default filled in', () => {
    expect(workloadOf(TRAINING)).toEqual(A_TRAINING);
  });

  it.each([
    [{}, { monitoring: 'stepwise', samplingIntervalSeconds: null }],
    [{ threading: true }, { monitoring: 'interval', samplingIntervalSeconds: 0.01 }],
    [
      { threading: true, sampling_interval_seconds: 0.25 },
      { monitoring: 'interval', samplingIntervalSeconds: 0.25 },
    ],
  ])('has the interval of samples, where there are any: %j', (changes, monitoring) => {
    expect(workloadOf({ ...TRAINING, ...changes })).toMatchObject(monitoring);
  });

  it('has the runtime that is asked for, whose measurements are its own', () => {
    const pytorch = workloadOf({ ...TRAINING, runtime: 'pytorch', device: 'cuda:1', precision: 'fp16' });
    expect(pytorch).toMatchObject({ runtime: 'pytorch', device: 'cuda:1', precision: 'fp16' });
    expect(workloadKey(workloadOf({ ...TRAINING, runtime: 'pytorch' }))).not.toBe(workloadKey(A_TRAINING));
  });

  it('has the counts of an inference in place of those of a training', () => {
    expect(workloadOf(INFERENCE)).toMatchObject({
      objectsPerImage: null,
      candidatesPerImage: 3000,
      detectionsPerImage: 300,
      optimizer: null,
    });
  });

  it.each([
    [{ candidates_per_image: 50 }, { candidatesPerImage: 50, detectionsPerImage: 50 }],
    [{ candidates_per_image: 0 }, { candidatesPerImage: 0, detectionsPerImage: 0 }],
    [{ detections_per_image: 10 }, { candidatesPerImage: 3000, detectionsPerImage: 10 }],
    [{ num_classes: 2 }, { candidatesPerImage: 300, detectionsPerImage: 300 }],
  ])('lets a default count give way: %j', (changes, counts) => {
    expect(workloadOf({ ...INFERENCE, ...changes })).toMatchObject(counts);
  });

  it('trains all of a backbone without weights, and says that another wish is ignored', () => {
    const request = { ...TRAINING, weights_backbone: 'none', trainable_backbone_layers: 2 } satisfies WorkloadDto;
    expect(workloadOf(request).options.trainableBackboneLayers).toBe(6);
    expect(toNetwork(request).warnings).toMatchObject([{ code: 'option-ignored' }]);
    expect(toNetwork({ ...request, trainable_backbone_layers: 6 }).warnings).toEqual([]);
  });

  it('of an inference is the same whatever trains, and says so', () => {
    const asked = {
      ...INFERENCE,
      architecture: 'fasterrcnn_resnet50_fpn',
      trainable_backbone_layers: 5,
    } satisfies WorkloadDto;
    const { trainable_backbone_layers: layers, ...usual } = asked;
    expect(workloadKey(workloadOf(asked))).toBe(workloadKey(workloadOf(usual)));
    expect(toNetwork(asked).warnings).toMatchObject([
      { code: 'option-ignored', detail: expect.stringContaining(`is ${String(layers)}, but`) as unknown },
    ]);
    expect(toNetwork(usual).warnings).toEqual([]);
  });

  it('of a training is another one when something else trains', () => {
    const usual = { ...TRAINING, architecture: 'fasterrcnn_resnet50_fpn' } satisfies WorkloadDto;
    const asked = { ...usual, trainable_backbone_layers: 5 };
    expect(workloadOf(asked).options.trainableBackboneLayers).toBe(5);
    expect(workloadKey(workloadOf(asked))).not.toBe(workloadKey(workloadOf(usual)));
    expect(toNetwork(asked).warnings).toEqual([]);
  });

  it.each(['training', 'inference'] as const)(
    'is the same with and without backbone weights where the network is: %s',
    (type) => {
      const usual = { ...TRAINING, architecture: 'fcn_resnet50', application_type: type } satisfies WorkloadDto;
      const pretrained = { ...usual, weights_backbone: 'default' } satisfies WorkloadDto;
      const bare = { ...usual, weights_backbone: 'none' } satisfies WorkloadDto;
      const key = workloadKey(workloadOf(usual));
      expect([pretrained, bare].map((dto) => workloadKey(workloadOf(dto)))).toEqual([key, key]);
      expect(toNetwork(pretrained).warnings).toEqual([]);
      expect(toNetwork(bare).warnings).toMatchObject([
        { code: 'option-ignored', detail: expect.stringContaining('the same network as with "default"') as unknown },
      ]);
    },
  );

  it('is divided by backbone weights in training alone where they decide what trains, and nothing else', () => {
    const training = { ...TRAINING, architecture: 'ssd300_vgg16' } satisfies WorkloadDto;
    const inference = { ...training, application_type: 'inference' } satisfies WorkloadDto;
    const bare = { ...training, weights_backbone: 'none' } satisfies WorkloadDto;
    expect(workloadOf(bare)).toEqual(workloadOf({ ...training, trainable_backbone_layers: 5 }));
    expect(workloadKey(workloadOf(bare))).not.toBe(workloadKey(workloadOf(training)));
    expect(toNetwork(bare).warnings).toEqual([]);
    expect(workloadOf({ ...inference, weights_backbone: 'none' })).toEqual(workloadOf(inference));
  });

  it('is another one without backbone weights where the network is', () => {
    const bare = { ...INFERENCE, weights_backbone: 'none' } satisfies WorkloadDto;
    expect(workloadOf(bare).options.weightsBackbone).toBe('none');
    expect(toNetwork(bare).warnings).toEqual([]);
  });

  it.each(['training', 'inference'] as const)(
    'of a network that knows no objects has no counts of them: %s',
    (type) => {
      const request = { ...TRAINING, architecture: 'resnet18', application_type: type } satisfies WorkloadDto;
      expect(workloadOf(request)).toMatchObject({
        options: { trainableBackboneLayers: null, minSize: null, maxSize: null, auxLoss: null },
        objectsPerImage: null,
        positivesPerImage: null,
        candidatesPerImage: null,
        detectionsPerImage: null,
      });
    },
  );
});
