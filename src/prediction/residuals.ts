import type { Residuals } from './intervals.js';
import type { Support } from './prediction.js';
import { standingOf, type Supported } from './support.js';

/** What was measured, and can be predicted from others. */
export type Example = Supported;

/** Predictions of some examples from all the others, in the order given; 0 where these say nothing. */
export type PredictFromOthers<E extends Example> = (left: readonly E[]) => readonly number[];

/** Of each way to leave some out, so many are tried at most. */
const MOST_TRIALS = 64;

/**
 * Finds the errors that are made where examples are predicted from the others: each alone, the largest, and whole
 * architectures. Of each example there is one error for each support: the first, with the most others known. Pauses after
 * each trial, some milliseconds.
 */
export function* findResiduals<E extends Example>(
  examples: readonly E[],
  measuredOf: (example: E) => number,
  predict: PredictFromOthers<E>,
): Generator<void, Residuals> {
  const residuals = new Map<Support, Map<E, number>>();
  for (const left of distinct(leftOut(examples), examples)) {
    for (const { support, example, error } of errorsOf(left, examples, measuredOf, predict)) {
      const errors = residuals.get(support) ?? new Map<E, number>();
      residuals.set(support, errors);
      if (!errors.has(example)) errors.set(example, error);
    }
    yield;
  }
  return new Map(Array.from(residuals, ([support, errors]) => [support, [...errors.values()]]));
}

function errorsOf<E extends Example>(
  left: readonly E[],
  examples: readonly E[],
  measuredOf: (example: E) => number,
  predict: PredictFromOthers<E>,
): readonly { readonly support: Support; readonly example: E; readonly error: number }[] {
  const gone = new Set(left);
  const known = examples.filter((example) => !gone.has(example));
  return predict(left).flatMap((prediction, index) => {
    const example = left[index];
    if (!example || !(prediction > 0)) return [];
    const { support, isInReach } = standingOf(example, known);
    if (support !== 'unmeasured' && !isInReach) return [];
    return [{ support, example, error: Math.log(measuredOf(example) / prediction) }];
  });
}

/** What is left out in turn. */
function leftOut<E extends Example>(examples: readonly E[]): readonly (readonly E[])[] {
  const images = ({ extent }: E): number => extent.images;
  const pixels = ({ extent }: E): number => extent.pixels;
  const ofNetworks = groupsOf(examples, ({ network }) => network);
  return [
    ...spread(examples.map((example) => [example])),
    ...spread(ofNetworks.map((own) => largest(own, images)).filter(({ length }) => length > 0)),
    ...spread(ofNetworks.map((own) => largest(own, pixels)).filter(({ length }) => length > 0)),
    ...spread(groupsOf(examples, ({ architecture }) => architecture)),
  ];
}

/** Without those that leave out the same examples as one before. */
function distinct<E>(trials: readonly (readonly E[])[], examples: readonly E[]): readonly (readonly E[])[] {
  const indices = new Map(examples.map((example, index) => [example, index]));
  const keyOf = (left: readonly E[]): string =>
    left
      .map((example) => indices.get(example) ?? NaN)
      .sort((one, other) => one - other)
      .join();
  return [...new Map(trials.map((left) => [keyOf(left), left])).values()];
}

/** As many as may be tried, from all over the list. */
function spread<T>(trials: readonly T[]): readonly T[] {
  const step = Math.max(1, trials.length / MOST_TRIALS);
  return trials.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** Those that are larger than the largest which is at most half of the largest: what up to half of them is known of. */
function largest<E>(examples: readonly E[], sizeOf: (example: E) => number): readonly E[] {
  const sizes = examples.map(sizeOf);
  const half = Math.max(...sizes) / 2;
  const known = Math.max(0, ...sizes.filter((size) => size <= half));
  return known === 0 ? [] : examples.filter((example) => sizeOf(example) > known);
}

function groupsOf<E>(examples: readonly E[], keyOf: (example: E) => string): readonly (readonly E[])[] {
  const groups = new Map<string, E[]>();
  for (const example of examples) {
    const key = keyOf(example);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(example);
  }
  return [...groups.values()];
}
