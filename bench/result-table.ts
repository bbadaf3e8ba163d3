import type { Excess } from './excess.js';
import type { Figures, Spread, Verdicts } from './goals.js';
import { INFERENCE_RATIO_GOAL, MEMORY_RATIO_GOAL, SHARE_GOAL, trainingRatioGoal } from './goals.js';
import { textTable } from './text-table.js';

/** A line of the table. */
export interface Row {
  readonly architecture: string;
  readonly variant: string;
  readonly batch: number;
  readonly imageSize: readonly [height: number, width: number];
  readonly figures: Figures;
  readonly verdicts: Verdicts;
  /** Medians, in MiB; PyTorch's null without PyTorch. */
  readonly peakMebibytes: number;
  readonly referencePeakMebibytes: number | null;
}

const HEADINGS = [
  'architecture',
  'batch',
  'training / PyTorch',
  'inference / PyTorch',
  'peak MiB / PyTorch',
  'of MatMul: training',
  'inference',
  'goals',
];

/** @param markdown as a Markdown table; else with columns of equal width */
export function table(rows: readonly Row[], markdown: boolean): string {
  return textTable([HEADINGS, ...rows.map(cellsOf)], markdown);
}

function cellsOf(row: Row): readonly string[] {
  const { figures, peakMebibytes, referencePeakMebibytes } = row;
  const ofReference = figures.memoryRatio
    ? ` / ${(referencePeakMebibytes ?? NaN).toFixed(0)} = ${figures.memoryRatio.median.toFixed(2)}`
    : '';
  return [
    `${row.architecture} (${row.variant})`,
    `${row.batch} x ${row.imageSize.join('x')}`,
    ratio(figures.trainingRatio),
    ratio(figures.inferenceRatio),
    `${peakMebibytes.toFixed(0)}${ofReference}`,
    percent(figures.trainingShare.median),
    percent(figures.inferenceShare.median),
    goals(row.verdicts),
  ];
}

function ratio(spread: Spread | null): string {
  if (!spread) return '-';
  return `${spread.median.toFixed(2)} (${spread.lowest.toFixed(2)} to ${spread.highest.toFixed(2)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function goals(verdicts: Verdicts): string {
  const named = (verdict: string): string[] =>
    Object.entries(verdicts).flatMap(([name, value]) => (value === verdict ? [name] : []));
  const [missed, unknown] = [named('missed'), named('unknown')];
  const parts = [
    ...(missed.length > 0 ? [`missed: ${missed.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`unknown: ${unknown.join(', ')}`] : []),
  ];
  return parts.length === 0 ? 'met' : parts.join('; ');
}

/** The goals of an architecture in words. */
export function goalsInWords(architecture: string): string {
  const orShare = `or ${percent(SHARE_GOAL)} of the machine's MatMul rate`;
  return (
    `goals: training at most ${trainingRatioGoal(architecture)} of PyTorch ${orShare}, ` +
    `inference ${INFERENCE_RATIO_GOAL} ${orShare}, peak memory ${MEMORY_RATIO_GOAL}`
  );
}

/** The operators that cost most beyond their matrix products, one a line. */
export function excessLines(excess: readonly Excess[], limit: number): readonly string[] {
  return excess.slice(0, limit).map(({ phase, operator, modules, nodes, seconds, excessSeconds, excessShare }) => {
    const share = (100 * excessShare).toFixed(1).padStart(5);
    const milliseconds = `${(1000 * excessSeconds).toFixed(1)} of ${(1000 * seconds).toFixed(1)} ms`;
    const where = modules === '' ? '' : ` in ${modules}`;
    return `  ${share} %  ${phase} ${operator}${where}: ${milliseconds}, ${nodes} ${nodes === 1 ? 'node' : 'nodes'}`;
  });
}
