import { batchTimeOf } from '../src/estimates/batch-time.js';
import { measurementWarnings } from '../src/estimates/warning.js';
import type { Measurement } from '../src/profiles/measurement.js';
import { type Comparison, comparison, MEMORY_AIM, repeatability, TIME_AIM } from './repeatability.js';

/** Figures of a run by their names: seconds, or bytes of those that are of memory. */
type Figures = Readonly<Record<string, number>>;

/** What one run gave. */
export interface RunFigures {
  readonly seconds: Figures;
  readonly bytes: Figures;
  readonly otherLoadPercent: number;
  /** Codes of all warnings. */
  readonly warnings: readonly string[];
}

/** Warnings that say that something took the processor away. */
const DISTURBANCES = new Set(['other-load', 'stolen-time', 'throttled', 'heat']);
/** The one of them that another process of the machine is to be found by. */
const OTHER_LOAD = 'other-load';

/** @param inference null where only the step was measured */
export function figuresOf(training: Measurement, inference: Measurement | null): RunFigures {
  const { forward_pass: forward, backward_pass: backward } = batchTimeOf(training.times);
  const measured = inference === null ? [training] : [training, inference];
  return {
    seconds: {
      'training step': training.times.stepSeconds.median,
      forward,
      ...(backward === null ? {} : { backward }),
      ...(inference === null ? {} : { inference: inference.times.stepSeconds.median }),
    },
    bytes: {
      'peak of training': training.memory.peakRssBytes,
      ...(inference === null ? {} : { 'peak of inference': inference.memory.peakRssBytes }),
    },
    otherLoadPercent: Math.max(...measured.map(({ cpu }) => cpu.otherLoadPercent)),
    warnings: [...new Set(measured.flatMap(measurementWarnings).map(({ code }) => code))],
  };
}

const milliseconds = (seconds: number): string => `${(1e3 * seconds).toFixed(1)} ms`;
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function printRun(label: string, { seconds, bytes, otherLoadPercent, warnings }: RunFigures): void {
  const told = [
    ...Object.entries(seconds).map(([name, value]) => `${name} ${milliseconds(value)}`),
    ...Object.entries(bytes).map(([name, value]) => `${name} ${mebibytes(value)}`),
    `other load ${otherLoadPercent.toFixed(1)} %`,
    ...(warnings.length === 0 ? [] : [`warnings: ${warnings.join(', ')}`]),
  ];
  console.log(`${label.padEnd(15)}  ${told.join(', ')}`);
}

/** @returns whether the aims are met */
export function printSpread(runs: readonly RunFigures[]): boolean {
  console.log(`\n${runs.length} runs alone:`);
  const met = [
    ...printFigures(
      runs.map(({ seconds }) => seconds),
      milliseconds,
      TIME_AIM,
    ),
    ...printFigures(
      runs.map(({ bytes }) => bytes),
      mebibytes,
      MEMORY_AIM,
    ),
  ].every(Boolean);
  console.log(
    `aim, a median absolute deviation of at most ${percent(TIME_AIM)} of times and ${percent(MEMORY_AIM)} of memory: ` +
      told(met),
  );
  return met;
}

function printFigures(runs: readonly Figures[], show: (value: number) => string, aim: number): boolean[] {
  return namesOf(runs).map((name) => {
    const { median, deviation, lowest, highest } = repeatability(valuesOf(runs, name));
    const met = deviation <= aim;
    console.log(
      `  ${name.padEnd(18)} median ${show(median)}, median absolute deviation ${percent(deviation)}, ` +
        `${show(lowest)} to ${show(highest)}; ${told(met)}`,
    );
    return met;
  });
}

/** @returns whether all figures measured after another workload are those measured alone */
export function printComparison(alone: readonly RunFigures[], after: readonly RunFigures[]): boolean {
  if (after.length === 0) return true;
  console.log(`\n${after.length} runs right after the other architecture, by the same process, over those alone:`);
  const compare = (of: (run: RunFigures) => Figures): boolean[] =>
    namesOf(after.map(of)).map((name) => {
      const found = comparison(valuesOf(alone.map(of), name), valuesOf(after.map(of), name));
      console.log(`  ${name.padEnd(18)} ${describe(found)}; ${told(found.same)}`);
      return found.same;
    });
  const met = [...compare(({ seconds }) => seconds), ...compare(({ bytes }) => bytes)].every(Boolean);
  console.log(`aim, medians within what was measured alone: ${told(met)}`);
  return met;
}

function describe({ ratio, alone, after }: Comparison): string {
  return (
    `ratio ${ratio.toFixed(4)}, median absolute deviation ${percent(after.deviation)}; ` +
    `alone ${percent(alone.deviation)}, ${(alone.lowest / alone.median).toFixed(4)} to ${(alone.highest / alone.median).toFixed(4)} of the median`
  );
}

/** @returns whether the load was reported where there was one, and nothing where there was none */
export function printDisturbed(quiet: readonly RunFigures[], loaded: readonly RunFigures[]): boolean {
  const reported = loaded.filter(({ warnings }) => warnings.includes(OTHER_LOAD)).length;
  const wrongly = quiet.filter(({ warnings }) => warnings.some((code) => DISTURBANCES.has(code)));
  console.log(
    `\nother load was reported in ${reported} of ${loaded.length} runs beside a process that loads the machine ` +
      `(${rangeOf(loaded)}), and a disturbance in ${wrongly.length} of ${quiet.length} without (${rangeOf(quiet)})`,
  );
  const met = reported === loaded.length && wrongly.length === 0;
  console.log(`aim, reported where it is and only there: ${told(met)}`);
  if (wrongly.length > 0) console.log('where the machine was not quiet, the figures above say little');
  return met;
}

function rangeOf(runs: readonly RunFigures[]): string {
  const loads = runs.map(({ otherLoadPercent }) => otherLoadPercent);
  return `other load of ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)} %`;
}

function namesOf(runs: readonly Figures[]): readonly string[] {
  return Object.keys(runs[0] ?? {});
}

function valuesOf(runs: readonly Figures[], name: string): readonly number[] {
  return runs.flatMap((run) => run[name] ?? []);
}

function told(met: boolean): string {
  return met ? 'met' : 'MISSED';
}
