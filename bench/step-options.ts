import { parseArgs } from 'node:util';

import type { ArchitectureDescription, WeightsBackbone } from '../src/engine/zoo/description.js';
import { architectures } from '../src/engine/zoo/catalogue.js';
import type { BenchCase, CaseWishes } from './bench-case.js';
import { benchCase, defaultVariant } from './bench-case.js';

export const USAGE = `npm run bench:step -- [ARCHITECTURE ...] [options]

  ARCHITECTURE        by torchvision's name; default all of the catalogue
  --variants V        default, none or both; default torchvision's own default
  --batch N           images; default by architecture, as the next
  --image-size HxW
  --objects N         in an image; default 7
  --positives N       regions of an image that train as an object, for networks with masks; default as many as
                      objects, which is what proposals by random weights come to
  --threads N         default 2
  --rounds N          of this engine and PyTorch in turn, at most; default 5
  --seconds N         for an architecture: a round that would take it beyond is not begun; default 165
  --runs N            timed steps and inferences a round; default by the time they take
  --matrix N          side of the matrices of the machine's own rate; default 4096
  --python FILE       default /usr/bin/python3; without torch there, no comparison is made
  --operators N       operators listed for each figure that misses its goal, the costliest first; default 8
  --markdown          the table at the end as Markdown
  --json FILE         all that was measured, written after each architecture
  --resume            keeps what FILE has of the cases asked for, and measures the others
  --quick             small images, one run, no PyTorch: whether everything goes through

Exits with 1 when a case could not be run, with 2 when it was asked for wrongly.`;

/** The command line asks for something that there is not. */
export class UsageError extends Error {
  readonly code = 'usage';
}

export type StepOptions = ReturnType<typeof readArguments>['values'];

export function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      variants: { type: 'string' },
      batch: { type: 'string' },
      'image-size': { type: 'string' },
      objects: { type: 'string' },
      positives: { type: 'string' },
      threads: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '165' },
      runs: { type: 'string' },
      matrix: { type: 'string', default: '4096' },
      python: { type: 'string', default: '/usr/bin/python3' },
      operators: { type: 'string', default: '8' },
      markdown: { type: 'boolean', default: false },
      json: { type: 'string' },
      resume: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

/** @throws UsageError for anything but a whole number from 1 */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} needs a whole number from 1, not ${text}`);
  return value;
}

/** The cases that are asked for. @throws UsageError */
export function casesOf(names: readonly string[], options: StepOptions): readonly BenchCase[] {
  const wishes = wishesOf(options);
  const wanted = names.length > 0 ? names : [...architectures.keys()];
  return wanted.flatMap((name) => {
    const description = architectures.get(name);
    if (!description) throw new UsageError(`there is no architecture "${name}"`);
    return variantsOf(description, options.variants).map((weightsBackbone) => {
      try {
        return benchCase(description, { ...wishes, weightsBackbone });
      } catch (error) {
        throw new UsageError(error instanceof Error ? error.message : String(error));
      }
    });
  });
}

function wishesOf(options: StepOptions): CaseWishes {
  const numbers = (['batch', 'objects', 'positives', 'threads'] as const).flatMap((name) => {
    const text = options[name];
    return text === undefined ? [] : [[name, wholeNumber(name, text)] as const];
  });
  return { ...Object.fromEntries(numbers), ...imageSizeOf(options['image-size']), quick: options.quick };
}

/** @throws UsageError */
export function imageSizeOf(text: string | undefined): Pick<CaseWishes, 'imageSize'> {
  if (text === undefined) return {};
  const [height = NaN, width = NaN, ...more] = text.split('x').map((side) => wholeNumber('image-size', side));
  if (more.length > 0 || Number.isNaN(width)) throw new UsageError(`--image-size is HEIGHTxWIDTH, not ${text}`);
  return { imageSize: [height, width] };
}

/** Several architectures may be asked for at once, so one that lacks the variant is passed over. */
function variantsOf(description: ArchitectureDescription, asked: string | undefined): readonly WeightsBackbone[] {
  switch (asked) {
    case undefined:
      return [defaultVariant(description)];
    case 'both':
      return description.variants;
    case 'default':
    case 'none':
      return description.variants.filter((variant) => variant === asked);
    default:
      throw new UsageError(`--variants is default, none or both, not ${asked}`);
  }
}
