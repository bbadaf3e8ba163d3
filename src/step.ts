import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { NetworkIdentity } from './engine/parity/document.js';
import { twinStep, twinTables } from './engine/parity/twin.js';
import type { NetworkOptions } from './engine/zoo/description.js';
import { architectures } from './engine/zoo/catalogue.js';

interface StepArguments {
  readonly weightsBackbone: 'default' | 'none';
  readonly batch: number;
  readonly imageSize?: readonly number[];
  readonly objects: number;
  readonly minSize?: number;
  readonly maxSize?: number;
  readonly auxLoss?: true;
  readonly seed: number;
  readonly threads: number;
  readonly tables?: true;
  readonly inference?: true;
  readonly gradients?: true;
  readonly time: number;
}

function integerFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`A whole number from ${minimum} is needed.`);
    }
    return value;
  };
}

const side = integerFrom(1);

const program = new Command('step')
  .description('One training step of an architecture with weights, images and targets that any language can repeat.')
  .argument('<architecture>', "torchvision's name")
  .addOption(new Option('--weights-backbone <variant>').choices(['default', 'none']).default('none'))
  .option('--batch <images>', 'images in the batch', integerFrom(1), 1)
  .option(
    '--image-size <sides...>',
    'height and width of the images, in pixels; default 256 256',
    (text, sides: readonly number[] | undefined) => [...(sides ?? []), side(text)],
  )
  .option('--objects <count>', 'ground-truth objects per image', integerFrom(1), 3)
  .option('--min-size <pixels>', 'shorter side that the network resizes to, where it has a choice', side)
  .option('--max-size <pixels>', 'longest side that the network resizes to, where it has a choice', side)
  .option('--aux-loss', 'with a second classifier, of the segmentation networks that have one')
  .option('--seed <number>', 'seed of weights, images and targets', integerFrom(0), 0)
  .option('--threads <count>', 'threads of the runtime', integerFrom(1), 2)
  .option('--tables', 'parameters and buffers only: names, shapes, which train')
  .option('--inference', 'also what the network in evaluation mode answers for the same images')
  .option('--gradients', "each parameter's gradient: norm and projection")
  .option('--time <runs>', 'also median seconds of this many further steps and inferences', integerFrom(0), 0);

async function main(): Promise<void> {
  program.parse();
  const [name = ''] = program.args;
  const given = program.opts<StepArguments>();
  const [height = 256, width = 256, ...more] = given.imageSize ?? [];
  if (more.length > 0 || given.imageSize?.length === 1) program.error('--image-size needs two sides: height and width');
  const description =
    architectures.get(name) ??
    program.error(`There is no architecture "${name}"; known are: ${[...architectures.keys()].join(', ')}`);
  const { defaults } = description;
  const resizes = defaults.minSize !== null;
  const options: NetworkOptions = {
    ...defaults,
    weightsBackbone: given.weightsBackbone,
    minSize: resizes ? (given.minSize ?? defaults.minSize) : null,
    maxSize: resizes ? (given.maxSize ?? defaults.maxSize) : null,
    auxLoss: defaults.auxLoss === null ? null : (given.auxLoss ?? defaults.auxLoss),
  };
  const network = identity(name, given.weightsBackbone);
  const document = given.tables
    ? twinTables(network, options)
    : await twinStep({
        network,
        options,
        stepCase: {
          batch: given.batch,
          imageSize: [height, width],
          // What was asked for, of a network that has a choice: so the reference prints it.
          minSize: resizes ? (given.minSize ?? null) : null,
          maxSize: resizes ? (given.maxSize ?? null) : null,
          objects: given.objects,
          seed: given.seed,
        },
        threads: given.threads,
        gradients: given.gradients ?? false,
        inference: given.inference ?? false,
        timedRuns: given.time,
        // maxRSS is in kibibytes: getrusage(2).
        peakRssBytes: () => process.resourceUsage().maxRSS * 1024,
      });
  process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
}

function identity(architecture: string, weightsBackbone: 'default' | 'none'): NetworkIdentity {
  const versionOf = (file: string): string => (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  return {
    architecture,
    weightsBackbone,
    engineVersion: versionOf(join(__dirname, '..', 'package.json')),
    onnxruntimeVersion: versionOf(join(dirname(require.resolve('onnxruntime-node')), '..', 'package.json')),
  };
}

main().catch((error: unknown) => {
  program.error(error instanceof Error ? error.message : String(error));
});
