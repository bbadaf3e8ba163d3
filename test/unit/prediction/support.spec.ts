import {
  type Extent,
  extentOf,
  isNowhereSmaller,
  networkKey,
  type Supported,
  standingOf,
} from '../../../src/prediction/support.js';
import { workloadOf } from '../../fixtures/observed.js';

const extent = (images: number, pixels: number, objects = 0): Extent => ({ images, pixels, counts: [objects] });

const of = (one: Extent, network = 'resnet18 of 91', architecture = 'resnet18'): Supported => ({
  network,
  architecture,
  extent: one,
});

describe('nowhere smaller', () => {
  it.each([
    ['the same', extent(4, 100, 3), true],
    ['more images', extent(5, 100, 3), true],
    ['more images of fewer pixels', extent(8, 90, 3), false],
    ['fewer objects', extent(8, 200, 2), false],
  ])('%s', (_what, one, expected) => {
    expect(isNowhereSmaller(one, extent(4, 100, 3))).toBe(expected);
  });
});

describe('what supports a prediction', () => {
  const measured = [extent(2, 100), extent(8, 100), extent(2, 400), extent(8, 200)].map((one) => of(one));

  it.each([
    ['between what was measured', extent(4, 150), 'inside'],
    ['at the ends of the range', extent(8, 200), 'inside'],
    ['a larger batch than any', extent(9, 100), 'beyond'],
    ['a smaller batch than any', extent(1, 100), 'beyond'],
    ['larger images than any', extent(2, 401), 'beyond'],
    ['a batch and a size that were measured, but never together', extent(8, 400), 'beyond'],
    ['counts that were never measured', extent(4, 150, 3), 'beyond'],
  ])('%s', (_what, asked, support) => {
    expect(standingOf(of(asked), measured).support).toBe(support);
  });

  it('is nothing where no workload of the architecture was measured', () => {
    const asked = of(extent(4, 150), 'vgg16 of 91', 'vgg16');
    expect(standingOf(asked, measured)).toEqual({ support: 'unmeasured', isInReach: false, own: [] });
  });

  it('is beyond what was measured where the architecture had other options, within the same reach', () => {
    const asked = of(extent(4, 150), 'resnet18 of 10');
    expect(standingOf(asked, measured)).toEqual({ support: 'beyond', isInReach: true, own: measured });
    expect(standingOf(of(extent(24, 150), 'resnet18 of 10'), measured).isInReach).toBe(false);
  });

  it('goes by the network alone where it was measured', () => {
    const other = of(extent(64, 100), 'resnet18 of 10');
    expect(standingOf(of(extent(9, 100)), [...measured, other])).toMatchObject({ support: 'beyond', own: measured });
  });

  it.each([
    [16, 8, true],
    [17, 8, false],
    [2, 1, true],
    [3, 1, false],
  ])('reaches up to twice as far as the range: %d images of %d: %s', (images, known, isInReach) => {
    expect(standingOf(of(extent(images, 100)), [of(extent(known, 100))]).isInReach).toBe(isInReach);
  });

  it('reaches from no objects to one', () => {
    const none = [of(extent(1, 100, 0))];
    expect(standingOf(of(extent(1, 100, 1)), none).isInReach).toBe(true);
    expect(standingOf(of(extent(1, 100, 2)), none).isInReach).toBe(false);
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
