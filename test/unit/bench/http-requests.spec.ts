import { neighboursOf, postOf, unseenWorkloads } from '../../../bench/http-requests.js';
import { workloadKey } from '../../../src/profiles/workload-key.js';
import { WORKLOAD } from '../../fixtures/workload.js';

describe('unseenWorkloads', () => {
  const measured = [WORKLOAD, ...neighboursOf([WORKLOAD])];
  const unseen = unseenWorkloads(measured, 30, 1);
  const keys = unseen.map(workloadKey);

  it('are different from each other and from what was measured', () => {
    expect(new Set([...keys, ...measured.map(workloadKey)]).size).toBe(30 + measured.length);
  });

  it('can all be trained', () => {
    // SSDlite's batch norms need two images.
    expect(Math.min(...unseen.map(({ batchSize }) => batchSize))).toBe(2);
  });

  it('are the same with the same seed, in an order that another changes', () => {
    expect(unseenWorkloads(measured, 30, 1).map(workloadKey)).toEqual(keys);
    expect(unseenWorkloads(measured, 30, 2).map(workloadKey)).not.toEqual(keys);
  });
});

describe('postOf', () => {
  it('asks for what the workload has, and for no more', () => {
    expect(
      postOf(
        { ...WORKLOAD, applicationType: 'inference', objectsPerImage: null, candidatesPerImage: 300 },
        'predicted',
      ),
    ).toEqual({
      path: '/api/v1/estimate-resource',
      body: {
        architecture: 'ssdlite320_mobilenet_v3_large',
        application_type: 'inference',
        batch_size: 2,
        image_size: [320, 320],
        num_classes: 91,
        weights_backbone: 'none',
        candidates_per_image: 300,
        threads: 2,
        source: 'predicted',
      },
    });
  });
});
