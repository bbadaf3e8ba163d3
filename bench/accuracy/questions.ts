import type { ApplicationType } from '../../src/profiles/workload.js';
import type { MeasuredPoint } from './measured-point.js';

/** What is asked of predictions, from what they can lean on. */
export type Question = 'interpolation' | 'extrapolation' | 'unmeasured';

/** What is known, and what has to be predicted from it. */
export interface Exam {
  readonly question: Question;
  readonly known: readonly MeasuredPoint[];
  readonly asked: readonly MeasuredPoint[];
}

/** How far beyond the largest that is known. */
const REACH = 2;
/** Of a workload's kind that must be known to be gone beyond. */
const LEAST_KNOWN = 3;

type Axis = (point: MeasuredPoint) => number;

const AXES: readonly Axis[] = [
  ({ observation }) => observation.workload.batchSize,
  ({ computedImageSize: [height, width] }) => height * width,
];

/** Every exam that measurements allow; nothing that is asked is among what is known. */
export function examsOf(points: readonly MeasuredPoint[]): readonly Exam[] {
  const names = [...new Set(points.map(architectureOf))];
  return [
    ...points.map((point) => leftOut(points, point)),
    ...names.flatMap((name) => AXES.flatMap((axis) => beyond(points, name, axis))),
    ...names.map((name) => unmeasured(points, name)),
  ];
}

/** Every other workload is known; whether it lies inside their range the predictor says. */
function leftOut(points: readonly MeasuredPoint[], point: MeasuredPoint): Exam {
  return { question: 'interpolation', known: points.filter((other) => other !== point), asked: [point] };
}

/** None of the architecture is known, neither trained nor used. */
function unmeasured(points: readonly MeasuredPoint[], name: string): Exam {
  return {
    question: 'unmeasured',
    known: points.filter((point) => architectureOf(point) !== name),
    asked: points.filter((point) => architectureOf(point) === name),
  };
}

/** Of the architecture what is small is known, trained or used; up to twice as large is asked. */
function beyond(points: readonly MeasuredPoint[], name: string, axis: Axis): readonly Exam[] {
  return (['training', 'inference'] as const).flatMap((applicationType) => {
    const own = points.filter((point) => isOf(point, name, applicationType));
    const largest = largestKnown(own.map(axis));
    const known = points.filter((point) => architectureOf(point) !== name || axis(point) <= largest);
    const ownKnown = own.filter((point) => axis(point) <= largest);
    const isInReach = (point: MeasuredPoint): boolean =>
      AXES.every((one) => one(point) <= REACH * Math.max(...ownKnown.map(one)));
    const asked = own.filter((point) => axis(point) > largest && isInReach(point));
    return asked.length === 0 || ownKnown.length < LEAST_KNOWN ? [] : [{ question: 'extrapolation', known, asked }];
  });
}

/** The largest of what is at most half of the largest; 0 where there is none. */
function largestKnown(values: readonly number[]): number {
  const largest = Math.max(...values);
  return Math.max(0, ...values.filter((value) => REACH * value <= largest));
}

function isOf(point: MeasuredPoint, name: string, applicationType: ApplicationType): boolean {
  return architectureOf(point) === name && point.observation.workload.applicationType === applicationType;
}

function architectureOf({ observation }: MeasuredPoint): string {
  return observation.workload.architecture;
}
