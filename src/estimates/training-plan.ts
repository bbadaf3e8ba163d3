import type { Interval } from '../prediction/prediction.js';
import type { BatchTime } from './batch-time.js';

/** How images come to be in memory. */
export interface DataLoading {
  readonly secondsPerImage: number;
  /** Whether the next batch is loaded while the last one is computed: then the slower of the two counts. */
  readonly overlaps: boolean;
}

/** A whole training, as it is asked for; what is null has no part in it. */
export interface TrainingPlan {
  readonly batchSize: number;
  /** Images of an epoch. */
  readonly datasetSize: number;
  readonly epochs: number;
  readonly loading: DataLoading | null;
  readonly validation: { readonly images: number; readonly passes: number } | null;
  readonly checkpoints: { readonly secondsEach: number; readonly count: number } | null;
  readonly warmupSeconds: number | null;
}

export const LINE_NAMES = [
  'training',
  'data_loading',
  'validation',
  'validation_data_loading',
  'checkpoints',
  'warmup',
] as const;

/** A part of a training's time. */
export interface TrainingLine {
  readonly name: (typeof LINE_NAMES)[number];
  readonly seconds: number;
  /** Out of what it was computed. */
  readonly how: string;
}

export function batchesPerEpoch({ datasetSize, batchSize }: TrainingPlan): number {
  return Math.ceil(datasetSize / batchSize);
}

/** Whether any image is validated: a share may be 0, and fewer epochs than one pass needs. */
export function isValidated({ validation }: TrainingPlan): boolean {
  return validation !== null && validation.images > 0 && validation.passes > 0;
}

/** All parts of the time, which is their sum. Without anything optional it is that of the steps alone. */
export function trainingLines(
  plan: TrainingPlan,
  { forward_pass, backward_pass }: BatchTime,
  validationBatchSeconds = 0,
): TrainingLine[] {
  const step = forward_pass + (backward_pass ?? 0);
  const batches = batchesPerEpoch(plan);
  const { datasetSize, epochs, loading, validation, checkpoints, warmupSeconds } = plan;
  const training: TrainingLine = {
    name: 'training',
    seconds: step * batches * epochs,
    how: `(${shown(forward_pass)} s forward_pass + ${shown(backward_pass ?? 0)} s backward_pass) x ${batches} batches x ${epochs} epochs`,
  };
  const lines = [training, ...waiting('data_loading', training.seconds, datasetSize * epochs, loading)];
  if (validation !== null) {
    const { images, passes } = validation;
    const validationBatches = Math.ceil(images / plan.batchSize);
    const seconds = validationBatchSeconds * validationBatches * passes;
    const how = !isValidated(plan)
      ? `${images} images x ${passes} passes: nothing is validated`
      : `${shown(validationBatchSeconds)} s of an inference of the batch x ${validationBatches} batches x ${passes} passes`;
    lines.push(
      { name: 'validation', seconds, how },
      ...waiting('validation_data_loading', seconds, images * passes, loading),
    );
  }
  if (checkpoints !== null) {
    const { secondsEach, count } = checkpoints;
    lines.push({ name: 'checkpoints', seconds: secondsEach * count, how: `${shown(secondsEach)} s x ${count}` });
  }
  if (warmupSeconds !== null) lines.push({ name: 'warmup', seconds: warmupSeconds, how: 'As the request says, once.' });
  return lines;
}

export function totalSeconds(lines: readonly TrainingLine[]): number {
  return lines.reduce((sum, { seconds }) => sum + seconds, 0);
}

/**
 * The total at both ends of what its batches take. It only grows with them, and all batches of a training run on one
 * machine: their times are wrong together, so the ends do not average out.
 */
export function totalInterval(
  plan: TrainingPlan,
  batchTime: BatchTime,
  step: Interval,
  validation: Interval | null,
): Interval {
  const at = (end: 'low' | 'high'): number =>
    totalSeconds(trainingLines(plan, { forward_pass: step[end], backward_pass: null }, validation?.[end]));
  const central = totalSeconds(trainingLines(plan, batchTime, validation?.central));
  return { low: at('low'), central, high: at('high') };
}

/** What loading adds to computing: all of it, or, where both go on at once, that part for which computing has to wait. */
function waiting(
  name: 'data_loading' | 'validation_data_loading',
  computingSeconds: number,
  images: number,
  loading: DataLoading | null,
): TrainingLine[] {
  if (loading === null) return [];
  const all = loading.secondsPerImage * images;
  const told = `${shown(loading.secondsPerImage)} s an image x ${images} images`;
  return loading.overlaps
    ? [
        {
          name,
          seconds: Math.max(0, all - computingSeconds),
          how: `${told}, less the ${shown(computingSeconds)} s of computing meanwhile; 0 where computing is slower`,
        },
      ]
    : [{ name, seconds: all, how: told }];
}

function shown(seconds: number): string {
  return String(Number(seconds.toPrecision(4)));
}
