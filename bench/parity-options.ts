import { parseArgs } from 'node:util';

import { architectures } from '../src/engine/zoo/catalogue.js';
import type { ArchitectureDescription, Task, WeightsBackbone } from '../src/engine/zoo/description.js';
import { networkTensors } from '../src/engine/zoo/facts.js';
import { UsageError } from './step-options.js';

export const USAGE = `npm run bench:parity -- [ARCHITECTURE ...] [options]

  ARCHITECTURE         by torchvision's name; default all of the catalogue
  --variants LIST      default all that the architecture has, once where they are the same network
  --batches LIST       default by task: 4 of classification, else 2
  --sizes LIST         HEIGHTxWIDTH; default by task: 192x256 of detection, else 96x128
  --objects LIST       default 3
  --seeds LIST         default 0,1,2,3
  --judged-seeds N     where fewer than three of four seeds agree, this engine and PyTorch's float32 are both judged
                       over the listed seeds and further ones, N in all; default 16
  --min-size N, --max-size N
                       default 192 and 256, of networks that resize to a choice of sizes
  --aux-loss           with a second classifier, of the segmentation networks that have one; others are passed over
  --threads N          default 2
  --reference FILE     the PyTorch reference; default bench/reference/torch_reference.py
  --python FILE        an interpreter with torch and torchvision; default /usr/bin/python3
  --twin COMMAND       what is compared with it; default npm run --silent step --
  --show N             discrepancies written out for each case, largest first; default 3
  --markdown           the table at the end as Markdown

A LIST is separated by commas; every combination is compared. Exits with 1 when this engine is worse than PyTorch's
float32 somewhere, with 2 when a case could not be run.`;

export type ParityOptions = ReturnType<typeof readOptions>['values'];

export function readOptions() {
  return parseArgs({
    allowPositionals: true,
    options: {
      variants: { type: 'string' },
      batches: { type: 'string' },
      sizes: { type: 'string' },
      objects: { type: 'string', default: '3' },
      seeds: { type: 'string', default: '0,1,2,3' },
      'judged-seeds': { type: 'string', default: '16' },
      'min-size': { type: 'string', default: '192' },
      'max-size': { type: 'string', default: '256' },
      'aux-loss': { type: 'boolean', default: false },
      threads: { type: 'string', default: '2' },
      reference: { type: 'string', default: 'bench/reference/torch_reference.py' },
      python: { type: 'string', default: '/usr/bin/python3' },
      twin: { type: 'string', default: 'npm run --silent step --' },
      show: { type: 'string', default: '3' },
      markdown: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

/** Cases that differ in nothing but the seed of weights, images and targets. */
export interface SeedGroup {
  /** What tells it from others, readable. */
  readonly label: Readonly<Record<'architecture' | 'variant' | 'batch' | 'size' | 'objects', string>>;
  /** All that reference and twin are told, but the seed. */
  readonly args: readonly string[];
}

const BATCH_AND_SIZE: Readonly<Record<Task, readonly [batches: string, sizes: string]>> = {
  classification: ['4', '96x128'],
  segmentation: ['2', '96x128'],
  detection: ['2', '192x256'],
  instance: ['2', '192x256'],
};

/** Every combination of what is asked for. @throws UsageError */
export function groupsOf(names: readonly string[], options: ParityOptions): readonly SeedGroup[] {
  const wanted = names.length > 0 ? names : [...architectures.keys()];
  return wanted.flatMap((name) => {
    const description = architectures.get(name);
    if (!description) throw new UsageError(`there is no architecture "${name}"`);
    return options['aux-loss'] && description.defaults.auxLoss === null ? [] : groupsOfOne(description, options);
  });
}

function groupsOfOne(description: ArchitectureDescription, options: ParityOptions): readonly SeedGroup[] {
  const { name, task, defaults, smallestImageSide } = description;
  const [batches, sizes] = BATCH_AND_SIZE[task];
  const bounds = defaults.minSize === null ? [] : (['min-size', 'max-size'] as const);
  const shared = [
    ...bounds.flatMap((bound) => [`--${bound}`, options[bound]]),
    ...(options['aux-loss'] ? ['--aux-loss'] : []),
    ...['--threads', options.threads],
  ];
  const groups: SeedGroup[] = [];
  for (const variant of variantsOf(description, options)) {
    for (const size of (options.sizes ?? sizes).split(',')) {
      const sides = size.split('x');
      if (Math.min(...sides.map(Number)) < smallestImageSide) {
        throw new UsageError(`${name} needs images of at least ${smallestImageSide} pixels a side, not ${size}`);
      }
      for (const batch of (options.batches ?? batches).split(',')) {
        for (const objects of options.objects.split(',')) {
          const images = ['--batch', batch, '--image-size', ...sides, '--objects', objects];
          groups.push({
            label: { architecture: name, variant, batch, size, objects },
            args: [name, '--weights-backbone', variant, ...images, ...shared],
          });
        }
      }
    }
  }
  return groups;
}

/** The variants asked for; of all, those that are networks of their own. */
function variantsOf(description: ArchitectureDescription, options: ParityOptions): readonly WeightsBackbone[] {
  const { name, variants, defaults } = description;
  const asked = options.variants?.split(',');
  if (asked) return variants.filter((variant) => asked.includes(variant));
  const byTensors = new Map<string, WeightsBackbone>();
  for (const weightsBackbone of variants) {
    byTensors.set(JSON.stringify(networkTensors(name, { ...defaults, weightsBackbone })), weightsBackbone);
  }
  return [...byTensors.values()];
}
