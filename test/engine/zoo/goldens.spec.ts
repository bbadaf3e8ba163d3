import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { GoldenDocument } from '../../../src/engine/parity/document-types.js';
import { compareWithGolden } from '../../../src/engine/parity/golden.js';
import { twinStep } from '../../../src/engine/parity/twin.js';
import type { NetworkOptions } from '../../../src/engine/zoo/description.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';

const FOLDER = join(__dirname, '..', '..', 'golden');

const goldens = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as GoldenDocument,
);

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

describe.each(goldens.map((golden) => [golden.architecture, golden.weights_backbone, golden] as const))(
  '%s, weights_backbone "%s"',
  (architecture, weightsBackbone, golden) => {
    test('losses, gradients and answers are those that PyTorch computes in double precision', async () => {
      const document = await twinStep({
        network: { architecture, weightsBackbone, engineVersion: '', onnxruntimeVersion: '' },
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
  },
);
