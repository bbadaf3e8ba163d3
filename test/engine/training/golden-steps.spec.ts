import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { isDiscrepancy } from '../../../src/engine/parity/checks.js';
import type { GoldenDocument, StepDocument } from '../../../src/engine/parity/document-types.js';
import { checksAgainstGolden } from '../../../src/engine/parity/golden.js';
import { twinStep } from '../../../src/engine/parity/twin.js';
import { architectures } from '../../../src/engine/zoo/catalogue.js';
import { at } from '../../../src/engine/graph/tensor.js';

/** A step over a whole network, with its answers in evaluation mode, beside what PyTorch computes in float64. */

function readGolden(name: string, variant: string): GoldenDocument {
  const path = join(__dirname, '..', '..', 'golden', `${name}.${variant}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as GoldenDocument;
}

async function sameStep(golden: GoldenDocument): Promise<StepDocument> {
  const description = architectures.get(golden.architecture);
  if (!description) throw new Error(`the catalogue has no ${golden.architecture}`);
  return twinStep({
    network: {
      architecture: golden.architecture,
      weightsBackbone: golden.weights_backbone,
      engineVersion: 'tested',
      onnxruntimeVersion: 'tested',
    },
    options: { ...description.defaults, weightsBackbone: golden.weights_backbone },
    stepCase: {
      batch: golden.batch,
      imageSize: [at(golden.image_size, 0), at(golden.image_size, 1)],
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
}

describe.each(['ssdlite320_mobilenet_v3_large'])('%s', (name) => {
  test.each(['none', 'default'])('with weights_backbone "%s" computes what PyTorch computes', async (variant) => {
    const golden = readGolden(name, variant);
    const checks = checksAgainstGolden(await sameStep(golden), golden);
    // Losses, gradients of every parameter, and detections are all among them.
    expect(new Set(checks.map(({ kind }) => kind))).toEqual(
      new Set([
        'case',
        'count',
        'loss',
        'total',
        'gradient-norm',
        'gradient-projection',
        'detections',
        'label',
        'score',
        'box',
      ]),
    );
    expect(checks.filter(isDiscrepancy)).toEqual([]);
  });
});
