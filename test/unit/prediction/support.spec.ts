import { extentOf, isInReach, networkKey, supportOf, type Extent } from '../../../src/prediction/support.js';
import { workloadOf } from '../../fixtures/observed.js';

const extent = (images: number, pixels: number, objects = 0): Extent => ({ images, pixels, counts: [objects] });

describe('what supports a prediction', () => {
  const measured = [extent(2, 100), extent(8, 100), extent(2, 400), extent(8, 200)];

  it.each([
    ['between what was measured', extent(4, 150), 'inside'],
    ['at the ends of the range', extent(8, 200), 'inside'],
    ['a larger batch than any', extent(9, 100), 'beyond'],
    ['a smaller batch than any', extent(1, 100), 'beyond'],
    ['larger images than any', extent(2, 401), 'beyond'],
    ['a batch and a size that were measured, but never together', extent(8, 400), 'beyond'],
    ['counts that were never measured', extent(4, 150, 3), 'beyond'],
  ])('%s', (_what, asked, support) => {
    expect(supportOf(asked, measured)).toBe(support);
  });

  it('is nothing where nothing was measured', () => {
    expect(supportOf(extent(2, 100), [])).toBe('unmeasured');
    expect(isInReach(extent(2, 100), [])).toBe(false);
  });

  it('reaches up to twice as far as the range', () => {
    expect(isInReach(extent(16, 100), measured)).toBe(true);
    expect(isInReach(extent(24, 100), measured)).toBe(false);
  });
});

describe('the extent of a workload', () => {
  it('is of the size that the network computes at', () => {
    const ssdlite = workloadOf({
      architecture: 'ssdlite320_mobilenet_v3_large',
      applicationType: 'training',
      batchSize: 3,
      imageSize: [640, 480],
    });
    expect(extentOf(ssdlite)).toMatchObject({ images: 3, pixels: 320 * 320 });
  });
});

describe('the key of a network', () => {
  const workload = workloadOf({
    architecture: 'fasterrcnn_resnet50_fpn',
    applicationType: 'training',
    batchSize: 3,
    imageSize: [640, 480],
  });

  it('does not depend on how much it is given', () => {
    const resized = { ...workload.options, minSize: 100, maxSize: 200 };
    expect(networkKey({ ...workload, batchSize: 4, imageSize: [32, 32], options: resized })).toBe(networkKey(workload));
  });

  it.each([{ numClasses: 3 }, { trainableBackboneLayers: 0 }, { weightsBackbone: 'none' as const }])(
    'tells %j',
    (change) => {
      expect(networkKey({ ...workload, options: { ...workload.options, ...change } })).not.toBe(networkKey(workload));
    },
  );
});
