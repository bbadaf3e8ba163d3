import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { GoldenDocument } from '../../../src/engine/parity/document-types.js';
import { compareWithGolden } from '../../../src/engine/parity/golden.js';
import { twinStep } from '../../../src/engine/parity/twin.js';
import type { NetworkOptions } from '../../../src/engine/zoo/description.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { networkTensors } from '../../../src/engine/zoo/facts.js';

const FOLDER = join(__dirname, '..', '..', 'golden');

const goldens = readdirSync(FOLDER).map(
  (file) => [file, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as GoldenDocument] as const,
);

/** Small batches of detectors over live norms, where float32 rarely makes the choices that double precision makes. */
const WITHOUT_GOLDEN: Readonly<Record<string, string>> = {
  'fasterrcnn_mobilenet_v3_large_fpn.none': 'its live norms are those of deeplabv3_mobilenet_v3_large',
  'fasterrcnn_mobilenet_v3_large_320_fpn.none': 'its live norms are those of deeplabv3_mobilenet_v3_large',
  'maskrcnn_resnet50_fpn.none': 'its backbone is that of fasterrcnn_resnet50_fpn.none',
  'retinanet_resnet50_fpn.none': 'its live norms are those of fasterrcnn_resnet50_fpn.none',
  'fcos_resnet50_fpn.none': 'its live norms are those of fasterrcnn_resnet50_fpn.none',
};

/** Every network that the catalogue builds, each under the names of the variants of which it is. */
function networks(): readonly (readonly string[])[] {
  return [...architectures.values()].flatMap(({ name, variants, defaults }) => {
    const names = new Map<string, string[]>();
    for (const weightsBackbone of variants) {
      const tensors = JSON.stringify(networkTensors(name, { ...defaults, weightsBackbone }));
      names.set(tensors, [...(names.get(tensors) ?? []), `${name}.${weightsBackbone}`]);
    }
    return [...names.values()];
  });
}

test('every network has a golden, or a reason to have none', () => {
  const golden = goldens.map(([, { architecture, weights_backbone }]) => `${architecture}.${weights_backbone}`);
  const missing = networks().filter((names) => !names.some((name) => golden.includes(name)));
  expect(missing.flat().sort()).toEqual(Object.keys(WITHOUT_GOLDEN).sort());
});

function optionsOf(golden: GoldenDocument): NetworkOptions {
  const defaults = architectures.get(golden.architecture)?.defaults;
  if (!defaults) throw new Error(`the catalogue has no ${golden.architecture}`);
  return {
    ...defaults,
    weightsBackbone: golden.weights_backbone,
    minSize: golden.min_size ?? defaults.minSize,
    maxSize: golden.max_size ?? defaults.maxSize,
    auxLoss: defaults.auxLoss === null ? null : Object.hasOwn(golden.losses, 'aux'),
  };
}

describe('losses, gradients and answers are those that PyTorch computes in double precision', () => {
  test.each(goldens)('%s', async (_file, golden) => {
    const document = await twinStep({
      network: {
        architecture: golden.architecture,
        weightsBackbone: golden.weights_backbone,
        engineVersion: '',
        onnxruntimeVersion: '',
      },
      options: optionsOf(golden),
      stepCase: {
        batch: golden.batch,
        imageSize: [golden.image_size[0] ?? 0, golden.image_size[1] ?? 0],
        minSize: golden.min_size,
        maxSize: golden.max_size,
        objects: golden.objects,
        seed: golden.seed,
      },
      threads: 2,
      gradients: true,
      inference: true,
      timedRuns: 0,
      peakRssBytes: () => 0,
    });
    expect(compareWithGolden(document, golden)).toEqual([]);
  });
});
