/**
 * How fast a training step and an inference of each architecture are, and what they take of memory: against PyTorch,
 * where a Python with torch is at hand, and against the machine's own rate of matrix products. All that is compared
 * runs in turn, round by round, so that ratios hold on a machine that others use too. Run it with
 * `npm run bench:step -- --help`.
 */
import { caseLabel } from './bench-case.js';
import { reasonOf } from './child.js';
import { spread, verdicts } from './goals.js';
import type { Measured, MeasuringSettings } from './one-architecture.js';
import { figuresOf, measureArchitecture } from './one-architecture.js';
import { hasTorch } from './reference.js';
import type { Row } from './result-table.js';
import { excessLines, goalsInWords, table } from './result-table.js';
import { ResultsFile } from './results-file.js';
import { runMain } from './run-main.js';
import type { StepOptions } from './step-options.js';
import { USAGE, UsageError, casesOf, readArguments, wholeNumber } from './step-options.js';

const QUICK: MeasuringSettings = { rounds: 1, secondsAtMost: 0, runs: 1, matrix: 256, python: null };
/** PyTorch's threads wait for each other by spinning, and lose far more than this share to whoever shares the processors. */
const BUSY = 0.1;

async function settingsOf(options: StepOptions): Promise<MeasuringSettings> {
  if (options.quick) return QUICK;
  const withTorch = await hasTorch(options.python);
  if (!withTorch) console.error(`no comparison with PyTorch: ${options.python} has no torch`);
  return {
    rounds: wholeNumber('rounds', options.rounds),
    secondsAtMost: wholeNumber('seconds', options.seconds),
    runs: options.runs === undefined ? null : wholeNumber('runs', options.runs),
    matrix: wholeNumber('matrix', options.matrix),
    python: withTorch ? options.python : null,
  };
}

function resultsFileOf({ json, resume }: StepOptions): ResultsFile | null {
  if (json !== undefined) return new ResultsFile(json, resume);
  if (resume) throw new UsageError('--resume needs --json FILE');
  return null;
}

function rowOf({ benchCase: { architecture, options, batch, imageSize }, ...measured }: Measured): Row {
  const figures = figuresOf(measured);
  const references = measured.rounds.flatMap(({ reference }) => (reference ? [reference.peakRssMebibytes] : []));
  return {
    architecture,
    variant: options.weightsBackbone,
    batch,
    imageSize,
    figures,
    verdicts: verdicts(architecture, figures),
    peakMebibytes: spread(measured.rounds.map(({ engine }) => engine.training.peakRssMebibytes)).median,
    referencePeakMebibytes: references.length === 0 ? null : spread(references).median,
  };
}

function printMeasured(measured: Measured, operators: number): void {
  const row = rowOf(measured);
  const { rounds, trace, benchCase } = measured;
  console.log(`\n${caseLabel(benchCase)}; ${rounds.length} ${rounds.length === 1 ? 'round' : 'rounds'}`);
  const busy = Math.max(...rounds.map(({ busyShare }) => busyShare));
  if (busy > BUSY) {
    console.log(`others used up to ${(100 * busy).toFixed(0)} % of the machine: ratios say little`);
  }
  console.log(table([row], false));
  for (const kind of ['training', 'inference'] as const) {
    const seconds = spread(rounds.map(({ engine }) => engine[kind].seconds)).median;
    const { forward, backward, optimizer } = trace[kind].shares;
    const phases = [forward, backward, optimizer].map((share) => (share * seconds).toFixed(4)).join(' + ');
    const divided = kind === 'training' ? ` (forward, backward, optimizer: ${phases})` : '';
    const billions = (trace[kind].multiplyAccumulates / 1e9).toFixed(2);
    console.log(`${kind}: ${seconds.toFixed(4)} s${divided}, ${billions} billion multiply-accumulates`);
    if (row.verdicts[kind] === 'met') continue;
    console.log(`what ${kind} spends beyond its matrix products, of one traced run`);
    for (const line of excessLines(trace[kind].excess, operators)) console.log(line);
  }
}

async function main(): Promise<number> {
  const { values: options, positionals } = readArguments();
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const cases = casesOf(positionals, options);
  const file = resultsFileOf(options);
  const operators = wholeNumber('operators', options.operators);
  const settings = await settingsOf(options);
  const results: Measured[] = [];
  const failures: string[] = [];
  for (const benchCase of cases) {
    const known = file?.known(benchCase);
    try {
      const measured = known ?? (await measureArchitecture(benchCase, settings));
      results.push(measured);
      if (known) continue;
      file?.add(measured);
      if (options.quick) console.log(`went through: ${caseLabel(benchCase)}`);
      else printMeasured(measured, operators);
    } catch (error) {
      const failure = `${caseLabel(benchCase)}: ${reasonOf(error)}`;
      failures.push(failure);
      console.error(failure);
    }
  }
  for (const failure of failures) console.error(`not run: ${failure}`);
  // Figures of so little work say nothing.
  if (options.quick) return failures.length > 0 ? 1 : 0;
  console.log(`\n${table(results.map(rowOf), options.markdown)}`);
  for (const words of new Set(results.map(({ benchCase }) => goalsInWords(benchCase.architecture)))) {
    console.log(words);
  }
  return failures.length > 0 ? 1 : 0;
}

runMain(main, USAGE);
