import { architectures } from '../../../src/engine/zoo/catalogue.js';
import type { MeasurableDto } from '../../../src/estimates/dto/measurable.dto.js';
import { measuringRequest } from '../../../src/estimates/request/measuring-request.js';
import { toNetwork } from '../../../src/estimates/request/requested-network.js';
import { toWorkload } from '../../../src/estimates/request/requested-workload.js';
import type { Workload } from '../../../src/profiles/workload.js';

const workloadOf = (request: MeasurableDto): Workload => toWorkload(request, toNetwork(request), 4);

/** All that is asked for is named again; nothing of it is refused, and nothing ignored. */
function expectSame(request: MeasurableDto): void {
  const workload = workloadOf(request);
  const again = measuringRequest(workload) as MeasurableDto;
  expect(toNetwork(again).warnings).toEqual([]);
  expect(workloadOf(again)).toEqual(workload);
  expect(again.source).toBe('measured');
}

describe('the request that measures a workload', () => {
  describe.each([...architectures.keys()])('of %s', (architecture) => {
    it.each(['training', 'inference'] as const)('means the same %s', (application_type) => {
      expectSame({ architecture, application_type, batch_size: 2, image_size: [320, 320] });
    });
  });

  it('has what is not as by default', () => {
    const detection = { architecture: 'fasterrcnn_resnet50_fpn', batch_size: 3, image_size: [300, 400] } as const;
    const sizes = {
      image_size: [300, 400] as [number, number],
      min_size: 300,
      max_size: 500,
      num_classes: 5,
      threads: 2,
    };
    expectSame({
      ...detection,
      ...sizes,
      application_type: 'training',
      weights_backbone: 'none',
      objects_per_image: 3,
      positives_per_image: 20,
    });
    expectSame({
      ...detection,
      ...sizes,
      application_type: 'inference',
      candidates_per_image: 100,
      detections_per_image: 5,
      threading: true,
      sampling_interval_seconds: 0.25,
    });
    expectSame({
      architecture: 'fcn_resnet50',
      application_type: 'training',
      batch_size: 2,
      image_size: [320, 320],
      aux_loss: true,
    });
  });

  it.each([
    { device: 'cuda:0' },
    { device: 'webgpu' },
    { runtime: 'pytorch', precision: 'bf16' },
    { runtime: 'pytorch', device: 'cuda:1', precision: 'fp16' },
  ] as const)('is executed in the same way: %j', (execution) => {
    expectSame({
      architecture: 'resnet18',
      application_type: 'training',
      batch_size: 2,
      image_size: [64, 64],
      ...execution,
    });
  });
});
