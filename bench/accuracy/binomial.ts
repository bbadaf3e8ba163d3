/** Probabilities that differ by rounding alone are equal. */
const ROUNDING = 1 + 1e-7;

/**
 * How likely it is that something which happens with a given probability happens a number of times that is as unlikely as
 * `successes`, or more so: the p-value of the exact two-sided binomial test, by the method of small p-values.
 *
 * @param successes of `trials`, which are independent of each other
 * @param probability above 0 and below 1
 */
export function binomialTest(successes: number, trials: number, probability: number): number {
  const probabilities = binomialProbabilities(trials, probability);
  const found = probabilities[successes];
  if (found === undefined) throw new RangeError(`there are no ${successes} of ${trials}`);
  const asUnlikely = probabilities.filter((one) => one <= found * ROUNDING);
  return Math.min(
    1,
    asUnlikely.reduce((sum, one) => sum + one, 0),
  );
}

/** Of each number of successes, 0 to `trials`. In logarithms: of a thousand trials most are too small for a number. */
function binomialProbabilities(trials: number, probability: number): readonly number[] {
  const logarithms: number[] = [trials * Math.log1p(-probability)];
  const odds = Math.log(probability) - Math.log1p(-probability);
  for (let successes = 1; successes <= trials; successes += 1) {
    const ratio = Math.log((trials - successes + 1) / successes) + odds;
    logarithms.push((logarithms[successes - 1] ?? 0) + ratio);
  }
  return logarithms.map(Math.exp);
}
