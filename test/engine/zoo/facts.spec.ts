import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { moduleMultiplyAccumulates, multiplyAccumulates } from '../../../src/engine/graph/costs.js';
import type { TablesDocument, TensorEntry } from '../../../src/engine/parity/document-types.js';
import { buildInferenceGraph } from '../../../src/engine/training/inference-graph.js';
import type { NetworkOptions, WeightsBackbone } from '../../../src/engine/zoo/description.js';
import { networkFacts, networkTensors, untrainableReason } from '../../../src/engine/zoo/facts.js';
import { UnknownArchitectureError, architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';

const SSDLITE = 'ssdlite320_mobilenet_v3_large';

function optionsOf(name: string, weightsBackbone: WeightsBackbone): NetworkOptions {
  const description = architectures.get(name);
  if (!description) throw new Error(`the catalogue has no ${name}`);
  return { ...description.defaults, weightsBackbone };
}

const FOLDER = join(__dirname, '..', '..', 'tables');

const tables = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as TablesDocument,
);

function table(name: string, variant: WeightsBackbone): TablesDocument {
  const found = tables.find((document) => document.architecture === name && document.weights_backbone === variant);
  if (!found) throw new Error(`test/tables has no ${name}.${variant}.json`);
  return found;
}

const ofKind = (kind: TensorEntry['kind'], tensors: readonly TensorEntry[]): readonly TensorEntry[] =>
  tensors.filter((tensor) => tensor.kind === kind);

/** Every architecture in each of its variants. */
const NETWORKS = [...architectures.values()].flatMap(({ name, variants }) =>
  variants.map((variant) => [name, variant, table(name, variant)] as const),
);

describe.each(NETWORKS)('%s, weights_backbone "%s"', (name, variant, expected) => {
  const options = optionsOf(name, variant);

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

/** torchvision's "GFLOPS" of one image at the size it states, which are multiply-accumulates, and parameters. */
const PUBLISHED = [
  [SSDLITE, 'none', 320, '0.583', 3_440_060],
  [SSDLITE, 'default', 320, '0.690', 5_198_540],
  ['ssd300_vgg16', 'default', 300, '34.858', 35_641_826],
  // With 1000 proposals, and without masks.
  ['fasterrcnn_resnet50_fpn', 'default', 800, '134.38', 41_755_286],
  ['maskrcnn_resnet50_fpn', 'default', 800, '134.38', 44_401_393],
  ['fasterrcnn_resnet50_fpn_v2', 'default', 800, '280.371', 43_712_278],
  ['retinanet_resnet50_fpn', 'default', 800, '151.54', 34_014_999],
  ['retinanet_resnet50_fpn_v2', 'default', 800, '152.238', 38_198_935],
  ['fcos_resnet50_fpn', 'default', 800, '128.207', 32_269_600],
  ['resnet18', 'none', 224, '1.814', 11_689_512],
  ['resnet34', 'none', 224, '3.664', 21_797_672],
  ['resnet50', 'none', 224, '4.089', 25_557_032],
  ['resnet101', 'none', 224, '7.801', 44_549_160],
  ['vgg16', 'none', 224, '15.47', 138_357_544],
  ['mobilenet_v2', 'none', 224, '0.301', 3_504_872],
  ['mobilenet_v3_small', 'none', 224, '0.057', 2_542_856],
  ['mobilenet_v3_large', 'none', 224, '0.217', 5_483_032],
] as const;

/** As PUBLISHED, with the auxiliary classifier, where there is one. */
const PUBLISHED_WITH_AUXILIARY = [
  ['fcn_resnet50', 35_322_218, '152.717'],
  ['fcn_resnet101', 54_314_346, '232.738'],
  ['deeplabv3_resnet50', 42_004_074, '178.722'],
  ['deeplabv3_resnet101', 60_996_202, '258.743'],
  ['deeplabv3_mobilenet_v3_large', 11_029_328, '10.452'],
  ['lraspp_mobilenet_v3_large', 3_221_538, '2.086'],
] as const;

function billions(count: number, published: string): string {
  return (count / 1e9).toFixed(published.split('.')[1]?.length);
}

describe('multiply-accumulates of a forward pass', () => {
  test.each(PUBLISHED)(
    'of %s, weights_backbone "%s", at %d are %s billion, as torchvision publishes',
    (name, variant, side, published, parameters) => {
      const facts = networkFacts(name, optionsOf(name, variant), 1, [side, side]);
      expect(billions(facts.forwardMultiplyAccumulates, published)).toBe(published);
      expect(facts.parameters).toBe(parameters);
    },
  );

  test.each(PUBLISHED_WITH_AUXILIARY)(
    'of %s, with %d parameters, are %s billion at 520x520, as torchvision publishes: with the auxiliary classifier',
    (name, parameters, published) => {
      const options = optionsOf(name, 'none');
      const facts = networkFacts(name, { ...options, auxLoss: options.auxLoss === null ? null : true }, 1, [520, 520]);
      expect(facts.parameters).toBe(parameters);
      expect(billions(facts.forwardMultiplyAccumulates, published)).toBe(published);
    },
  );

  test('of maskrcnn_resnet50_fpn_v2 are 333.577 billion at 800x800, as torchvision publishes: with 100 masks', () => {
    const name = 'maskrcnn_resnet50_fpn_v2';
    const { graph } = buildInferenceGraph(architectureNamed(name), optionsOf(name, 'default'), 1, [800, 800], null);
    const pasting = moduleMultiplyAccumulates(graph, ['roi_heads.mask_paste']);
    expect(billions(multiplyAccumulates(graph) - pasting, '333.577')).toBe('333.577');
  });

  test('of vgg16 leave out means over windows', () => {
    const count = (size: readonly [number, number]): number =>
      networkFacts('vgg16', optionsOf('vgg16', 'none'), 1, size).forwardMultiplyAccumulates;
    const linear = 512 * 7 * 7 * 4096 + 4096 * 4096 + 4096 * 1000;
    expect(count([192, 256]) - linear).toBeCloseTo(((count([224, 224]) - linear) * 192 * 256) / (224 * 224), -1);
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

test.each(['deeplabv3_resnet50', 'deeplabv3_mobilenet_v3_large'])(
  '%s cannot train on one image, whatever its size: the norm of the image’s features would see a single value',
  (name) => {
    expect(untrainableReason(name, optionsOf(name, 'none'), 1, [520, 520])).toMatch('[1, 256, 1, 1]');
    expect(untrainableReason(name, optionsOf(name, 'none'), 2, [520, 520])).toBeNull();
  },
);

test('an unknown name is an error that says which are known', () => {
  expect(() => networkFacts('ssdlite', optionsOf(SSDLITE, 'none'), 1, [320, 320])).toThrow(UnknownArchitectureError);
  expect(() => networkTensors('ssdlite', optionsOf(SSDLITE, 'none'))).toThrow(/no architecture "ssdlite".*ssdlite320/);
});

test('of a pretrained VGG-16, five blocks can train; the layers behind them always do', () => {
  const frozen = (layers: number): readonly string[] =>
    networkTensors('ssd300_vgg16', { ...optionsOf('ssd300_vgg16', 'default'), trainableBackboneLayers: layers })
      .filter(({ name, trains }) => !trains && name.endsWith('.weight'))
      .map(({ name }) => name.replace(/^backbone\.(.*)\.weight$/, '$1'));
  expect(frozen(5)).toEqual([]);
  expect(frozen(4)).toEqual(['features.0', 'features.2']);
  expect(frozen(1)).toEqual([0, 2, 5, 7, 10, 12, 14, 17, 19, 21].map((layer) => `features.${layer}`));
  expect(frozen(0)).toEqual([...frozen(1), 'extra.0.1', 'extra.0.3', 'extra.0.5']);
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
