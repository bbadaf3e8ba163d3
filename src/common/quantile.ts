/**
 * Interpolated linearly between two values (Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, type 7).
 *
 * @param sorted lowest first
 * @param share 0 to 1, of the values that lie below
 * @throws RangeError when there are no values
 */
export function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError('there are no quantiles of no values');
  return below + (above - below) * (position - Math.floor(position));
}
