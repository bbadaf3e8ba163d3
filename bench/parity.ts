/**
 * Compares the engine's training step and answers with PyTorch's over whatever architectures, sizes, batches and seeds
 * are asked for: the goldens under test/golden cover a case or two each. Each case is run by the PyTorch reference in
 * float64 (`--golden`) and by this project's `npm run step`. Where fewer than three of four seeds agree, PyTorch's own
 * float32 is judged beside this engine, by the same tolerances and over more seeds.
 * Run in the project's folder: `node scripts/bench.mjs parity --help`.
 */
import { ParityCase, type JudgedSeed } from './parity-case.js';
import { USAGE, groupsOf, readOptions, type ParityOptions, type SeedGroup } from './parity-options.js';
import { agrees, judged, seedsOutside, type ParityVerdict, type SeedOutcome } from './parity-verdict.js';
import { runMain } from './run-main.js';
import { UsageError } from './step-options.js';
import { textTable } from './text-table.js';

const HEADINGS = [
  'architecture',
  'batch',
  'objects',
  'figures',
  'outside, by seed',
  'seeds with some outside the fixed tolerances',
  "of PyTorch's float32",
  'verdict',
];

interface JudgedGroup {
  readonly group: SeedGroup;
  readonly listed: readonly SeedOutcome[];
  readonly all: readonly SeedOutcome[];
  readonly verdict: ParityVerdict;
}

async function judgeGroup(group: SeedGroup, options: ParityOptions): Promise<JudgedGroup> {
  const seeds = options.seeds.split(',').map(Number);
  const judgedSeeds: JudgedSeed[] = [];
  for (const seed of seeds) judgedSeeds.push(await ParityCase.run(group, seed, options));
  const listed = judgedSeeds.map(({ outcome }) => outcome);
  if (agrees(listed)) return { group, listed, all: listed, verdict: 'agrees' };
  const further = furtherSeeds(seeds, Number(options['judged-seeds']));
  for (const seed of further) judgedSeeds.push(await ParityCase.run(group, seed, options));
  const all: SeedOutcome[] = [];
  for (const { withFloat32 } of judgedSeeds) all.push(await withFloat32());
  return { group, listed, all, verdict: judged(all) };
}

/** The smallest seeds that are not listed, as many as bring the listed ones to `count`. */
function furtherSeeds(listed: readonly number[], count: number): readonly number[] {
  const candidates = Array.from({ length: listed.length + count }, (_, seed) => seed);
  return candidates.filter((seed) => !listed.includes(seed)).slice(0, Math.max(0, count - listed.length));
}

function cellsOf({ group, listed, all, verdict }: JudgedGroup): readonly string[] {
  const { architecture, variant, batch, size, objects } = group.label;
  const { seeds, engine, float32 } = seedsOutside(all);
  return [
    `${architecture} (${variant})`,
    `${batch} x ${size}`,
    objects,
    String(listed[0]?.figures ?? 0),
    listed.map(({ outside }) => outside).join(' / '),
    seeds === 0 ? '-' : `${engine} of ${seeds}`,
    seeds === 0 ? '-' : `${float32} of ${seeds}`,
    verdict,
  ];
}

async function main(): Promise<number> {
  const { positionals, values: options } = readOptions();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const results: JudgedGroup[] = [];
  let failed = false;
  const groups = groupsOf(positionals, options);
  if (groups.length === 0) throw new UsageError('there is nothing of that to compare');
  for (const group of groups) {
    try {
      results.push(await judgeGroup(group, options));
    } catch (error) {
      console.error(`${group.args.join(' ')}: ${error instanceof Error ? error.message : String(error)}`);
      failed = true;
    }
  }
  console.log(textTable([HEADINGS, ...results.map(cellsOf)], options.markdown));
  if (failed) return 2;
  return results.some(({ verdict }) => verdict === 'worse') ? 1 : 0;
}

runMain(main, USAGE);
