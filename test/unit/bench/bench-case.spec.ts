import { benchCase, defaultVariant } from '../../../bench/bench-case.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { computedImageSize } from '../../../src/engine/zoo/facts.js';

const descriptions = [...architectures.values()];

function described(name: string) {
  const description = architectures.get(name);
  if (!description) throw new Error(`no ${name}`);
  return description;
}

describe('the case of an architecture', () => {
  it.each([
    ['resnet50', 'none', 8, [224, 224]],
    ['fasterrcnn_resnet50_fpn', 'default', 1, [800, 800]],
    ['maskrcnn_resnet50_fpn', 'default', 1, [800, 800]],
    ['ssdlite320_mobilenet_v3_large', 'default', 8, [320, 320]],
  ])('%s: %s, %d at %j', (name, weightsBackbone, batch, imageSize) => {
    expect(benchCase(described(name), {})).toMatchObject({ batch, imageSize, options: { weightsBackbone } });
  });

  it('follows what is asked for', () => {
    const wishes = { batch: 3, imageSize: [128, 96], objects: 2, positives: 5, threads: 1 } as const;
    const found = benchCase(described('maskrcnn_resnet50_fpn'), { ...wishes, weightsBackbone: 'none' });
    expect(found).toMatchObject({ ...wishes, options: { weightsBackbone: 'none' } });
  });

  it('has as many positives as objects, as PyTorch has with random weights', () => {
    expect(benchCase(described('maskrcnn_resnet50_fpn'), { objects: 4 }).positives).toBe(4);
  });

  it.each(descriptions)('$name can be computed, in full and as small as it allows', (description) => {
    for (const quick of [false, true]) {
      const { architecture, options, imageSize } = benchCase(description, { quick });
      expect(Math.min(...imageSize)).toBeGreaterThanOrEqual(description.smallestImageSide);
      expect(Math.min(...computedImageSize(architecture, options, imageSize))).toBeGreaterThan(0);
      expect(options.weightsBackbone).toBe(defaultVariant(description));
    }
  });

  it('is refused where the network has no such variant, or nothing would be left of the images', () => {
    expect(() => benchCase(described('resnet50'), { weightsBackbone: 'default' })).toThrow(/no variant "default"/);
    const { smallestImageSide } = described('maskrcnn_resnet50_fpn');
    const tooSmall = [smallestImageSide - 1, 64] as const;
    expect(() => benchCase(described('maskrcnn_resnet50_fpn'), { imageSize: tooSmall })).toThrow(/at least/);
  });
});
