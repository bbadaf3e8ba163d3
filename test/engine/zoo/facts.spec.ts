import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TablesDocument, TensorEntry } from '../../../src/engine/parity/document-types.js';
import type { NetworkOptions, WeightsBackbone } from '../../../src/engine/zoo/description.js';
import { networkFacts, networkTensors, untrainableReason } from '../../../src/engine/zoo/facts.js';
import { UnknownArchitectureError, architectures } from '../../../src/engine/zoo/catalogue.js';

const SSDLITE = 'ssdlite320_mobilenet_v3_large';

function optionsOf(name: string, weightsBackbone: WeightsBackbone): NetworkOptions {
  const description = architectures.get(name);
  if (!description) throw new Error(`the catalogue has no ${name}`);
  return { ...description.defaults, weightsBackbone };
}

function table(name: string, variant: WeightsBackbone): TablesDocument {
  const path = join(__dirname, '..', '..', 'tables', `${name}.${variant}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as TablesDocument;
}

const ofKind = (kind: TensorEntry['kind'], tensors: readonly TensorEntry[]): readonly TensorEntry[] =>
  tensors.filter((tensor) => tensor.kind === kind);

const NETWORKS = [
  SSDLITE,
  'fasterrcnn_resnet50_fpn',
  'maskrcnn_resnet50_fpn',
  'retinanet_resnet50_fpn',
  'retinanet_resnet50_fpn_v2',
  'fcos_resnet50_fpn',
].flatMap((name) => (['none', 'default'] as const).map((variant) => [name, variant] as const));

describe.each(NETWORKS)('%s, weights_backbone "%s"', (name, variant) => {
  const options = optionsOf(name, variant);
  const expected = table(name, variant);

  test.each(['parameter', 'buffer'] as const)('each %s is torchvision’s, in its order', (kind) => {
    expect(ofKind(kind, networkTensors(name, options))).toEqual(ofKind(kind, expected.tensors));
  });

  test('parameters are as many as torchvision counts', () => {
    expect(networkFacts(name, options, 1, [320, 320])).toMatchObject({
      parameters: expected.parameters,
      trainableParameters: expected.trainable_parameters,
    });
  });
});

describe('multiply-accumulates of a forward pass', () => {
  test.each([
    ['none', '0.583'],
    ['default', '0.690'],
  ] as const)(
    'with weights_backbone "%s" are %s billion for one image, as torchvision publishes',
    (variant, billions) => {
      const { forwardMultiplyAccumulates } = networkFacts(SSDLITE, optionsOf(SSDLITE, variant), 1, [320, 320]);
      expect((forwardMultiplyAccumulates / 1e9).toFixed(3)).toBe(billions);
    },
  );

  test.each(['fasterrcnn_resnet50_fpn', 'maskrcnn_resnet50_fpn'])(
    'of %s are 134.38 billion at 800x800, as torchvision publishes: with 1000 proposals, and without masks',
    (name) => {
      const { forwardMultiplyAccumulates } = networkFacts(name, optionsOf(name, 'default'), 1, [800, 800]);
      expect((forwardMultiplyAccumulates / 1e9).toFixed(2)).toBe('134.38');
    },
  );

  test.each([
    ['retinanet_resnet50_fpn', '151.54'],
    ['retinanet_resnet50_fpn_v2', '152.24'],
    ['fcos_resnet50_fpn', '128.21'],
  ])('of %s are %s billion at 800x800, as torchvision publishes', (name, billions) => {
    const { forwardMultiplyAccumulates } = networkFacts(name, optionsOf(name, 'default'), 1, [800, 800]);
    expect((forwardMultiplyAccumulates / 1e9).toFixed(2)).toBe(billions);
  });

  test('grow with the batch', () => {
    const count = (batch: number): number =>
      networkFacts(SSDLITE, optionsOf(SSDLITE, 'none'), batch, [320, 320]).forwardMultiplyAccumulates;
    expect(count(8)).toBe(8 * count(1));
  });

  test('do not grow with images that are resized to one size', () => {
    const facts = networkFacts(SSDLITE, optionsOf(SSDLITE, 'none'), 1, [640, 480]);
    expect(facts).toEqual(networkFacts(SSDLITE, optionsOf(SSDLITE, 'none'), 1, [320, 320]));
    expect(facts.computedImageSize).toEqual([320, 320]);
  });
});

test('with fewer trainable backbone layers, parameters stay and fewer of them train', () => {
  const all = networkFacts(SSDLITE, optionsOf(SSDLITE, 'default'), 1, [320, 320]);
  const some = networkFacts(SSDLITE, { ...optionsOf(SSDLITE, 'default'), trainableBackboneLayers: 0 }, 1, [320, 320]);
  expect(some.parameters).toBe(all.parameters);
  expect(some.trainableParameters).toBeLessThan(all.trainableParameters);
});

test('a batch whose batch norms would see a single value is said to be untrainable', () => {
  const reason = (batchSize: number): string | null =>
    untrainableReason(SSDLITE, optionsOf(SSDLITE, 'none'), batchSize, [320, 320]);
  expect(reason(1)).toMatch('a batch of at least 2 images');
  expect(reason(2)).toBeNull();
});

test('an unknown name is an error that says which are known', () => {
  expect(() => networkFacts('ssdlite', optionsOf(SSDLITE, 'none'), 1, [320, 320])).toThrow(UnknownArchitectureError);
  expect(() => networkTensors('ssdlite', optionsOf(SSDLITE, 'none'))).toThrow(/no architecture "ssdlite".*ssdlite320/);
});

test('of a pretrained ResNet-50, five stages can train, the norms never', () => {
  const trained = (layers: number): readonly string[] =>
    networkTensors('fasterrcnn_resnet50_fpn', {
      ...optionsOf('fasterrcnn_resnet50_fpn', 'default'),
      trainableBackboneLayers: layers,
    })
      .filter(({ name, trains }) => trains && name.startsWith('backbone.body.'))
      .map(({ name }) => name.split('.')[2] ?? '');
  expect([...new Set(trained(0))]).toEqual([]);
  expect([...new Set(trained(2))]).toEqual(['layer3', 'layer4']);
  expect([...new Set(trained(5))]).toEqual(['conv1', 'layer1', 'layer2', 'layer3', 'layer4']);
});
