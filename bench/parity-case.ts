import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { isDiscrepancy } from '../src/engine/parity/checks.js';
import type { GoldenDocument, StepFigures } from '../src/engine/parity/document-types.js';
import { checksAgainstGolden } from '../src/engine/parity/golden.js';
import type { ParityOptions, SeedGroup } from './parity-options.js';
import { countOutside, ratio, withFixedTolerances, type SeedOutcome } from './parity-verdict.js';

const MAX_OUTPUT_BYTES = 2 ** 28;
const FIGURES = ['--gradients', '--inference'] as const;

/** A seed of a group, run by the reference in float64 and by the twin; by the reference in float32 when that is asked. */
export class ParityCase {
  private readonly args: readonly string[];

  private constructor(
    private readonly options: ParityOptions,
    { args }: SeedGroup,
    private readonly seed: number,
  ) {
    this.args = [...args, '--seed', String(seed)];
  }

  /** Runs both, and prints what lies outside. @throws Error where one cannot be run */
  static async run(group: SeedGroup, seed: number, options: ParityOptions): Promise<JudgedSeed> {
    const parityCase = new ParityCase(options, group, seed);
    const golden = (await parityCase.reference('--golden')) as GoldenDocument;
    const [command = '', ...leading] = options.twin.split(' ');
    const twin = (await printedBy(command, [...leading, ...parityCase.args, ...FIGURES])) as StepFigures;
    return parityCase.judge(golden, twin);
  }

  private judge(golden: GoldenDocument, twin: StepFigures): JudgedSeed {
    const checks = checksAgainstGolden(twin, golden);
    const discrepancies = checks.filter(isDiscrepancy).sort((a, b) => ratio(b) - ratio(a));
    console.log(`${this.args.join(' ')}: ${discrepancies.length} of ${checks.length} figures outside their tolerance`);
    for (const { subject, expected, actual, error, tolerance } of discrepancies.slice(0, Number(this.options.show))) {
      console.log(`  ${subject}: expected ${expected}, got ${actual}; off by ${error}, tolerance ${tolerance}`);
    }
    const fixed = withFixedTolerances(golden);
    const outcome: SeedOutcome = {
      seed: this.seed,
      figures: checks.length,
      outside: discrepancies.length,
      outsideFixed: countOutside(checksAgainstGolden(twin, fixed)),
      float32OutsideFixed: null,
    };
    return {
      outcome,
      withFloat32: async () => ({ ...outcome, float32OutsideFixed: await this.float32Outside(fixed) }),
    };
  }

  private async float32Outside(fixed: GoldenDocument): Promise<number> {
    const outside = countOutside(checksAgainstGolden((await this.reference(...FIGURES)) as StepFigures, fixed));
    console.log(`${this.args.join(' ')}: of PyTorch's float32 ${outside} outside the fixed tolerances`);
    return outside;
  }

  private async reference(...figures: readonly string[]): Promise<unknown> {
    const { python, reference } = this.options;
    return printedBy(python, [reference, ...this.args, ...figures]);
  }
}

/** What this engine made of a seed, and how to ask PyTorch's float32 as well. */
export interface JudgedSeed {
  readonly outcome: SeedOutcome;
  readonly withFloat32: () => Promise<SeedOutcome>;
}

async function printedBy(command: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: MAX_OUTPUT_BYTES });
  try {
    return JSON.parse(stdout);
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')} printed no JSON: ${stdout.slice(0, 200)}`, { cause: error });
  }
}
