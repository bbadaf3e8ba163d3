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
/** Predictors that are asked beyond ranges, by architecture: each knows all of three quarters of them. */
const GROUPS = 4;

type Axis = (point: MeasuredPoint) => number;

const AXES: readonly Axis[] = [
  ({ observation }) => observation.workload.batchSize,
  ({ computedImageSize: [height, width] }) => height * width,
];

/** Every exam that measurements allow; nothing that is asked is among what is known. */
export function examsOf(points: readonly MeasuredPoint[]): readonly Exam[] {
  const names = [...new Set(points.map(architectureOf))];
  const groups = Array.from({ length: GROUPS }, (_, group) => names.filter((_name, at) => at % GROUPS === group));
  return [
    ...leftOut(points),
    ...AXES.flatMap((axis) => groups.flatMap((group) => beyond(points, group, axis))),
    ...names.map((name) => unmeasured(points, name)),
  ];
}

/**
 * One workload of each kind is asked at a time, and all others are known: an exam of its own for each would come to almost
 * the same in many times the time. Whether it lies inside the range of the others the predictor says.
 */
function leftOut(points: readonly MeasuredPoint[]): readonly Exam[] {
  const turns = byKind(points).flatMap((own) => own.map((point, turn) => ({ point, turn })));
  const count = Math.max(0, ...turns.map(({ turn }) => turn + 1));
  return Array.from({ length: count }, (_, asked) => ({
    question: 'interpolation',
    known: turns.filter(({ turn }) => turn !== asked).map(({ point }) => point),
    asked: turns.filter(({ turn }) => turn === asked).map(({ point }) => point),
  }));
}

/** None of the architecture is known, neither trained nor used. */
function unmeasured(points: readonly MeasuredPoint[], name: string): Exam {
  return {
    question: 'unmeasured',
    known: points.filter((point) => architectureOf(point) !== name),
    asked: points.filter((point) => architectureOf(point) === name),
  };
}

/** Of some architectures what is small is known, and up to twice as large is asked; of the others all is known. */
function beyond(points: readonly MeasuredPoint[], names: readonly string[], axis: Axis): readonly Exam[] {
  const kinds = byKind(points.filter((point) => names.includes(architectureOf(point)))).map((own) => {
    const largest = largestKnown(own.map(axis));
    const known = own.filter((point) => axis(point) <= largest);
    const isInReach = (point: MeasuredPoint): boolean =>
      AXES.every((one) => one(point) <= REACH * Math.max(...known.map(one)));
    const asked = known.length < LEAST_KNOWN ? [] : own.filter((point) => axis(point) > largest && isInReach(point));
    return { known, asked };
  });
  const asked = kinds.flatMap((kind) => kind.asked);
  if (asked.length === 0) return [];
  const others = points.filter((point) => !names.includes(architectureOf(point)));
  return [{ question: 'extrapolation', known: [...others, ...kinds.flatMap((kind) => kind.known)], asked }];
}

/** The largest of what is at most half of the largest; 0 where there is none. */
function largestKnown(values: readonly number[]): number {
  const largest = Math.max(...values);
  return Math.max(0, ...values.filter((value) => REACH * value <= largest));
}

/** Trainings and inferences of an architecture have little in common. */
function byKind(points: readonly MeasuredPoint[]): readonly (readonly MeasuredPoint[])[] {
  const kinds = new Map<string, MeasuredPoint[]>();
  for (const point of points) {
    const kind = `${architectureOf(point)} ${point.observation.workload.applicationType}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), point]);
  }
  return [...kinds.values()];
}

function architectureOf({ observation }: MeasuredPoint): string {
  return observation.workload.architecture;
}
