/**
 * At most `limit` items of a series, in order. It is cut into equal stretches, and of each the items stay that are the
 * highest by one of `figures`, so that the peaks of the whole series by each of them are kept as they are.
 */
export function thinSeries<Item>(
  series: readonly Item[],
  limit: number,
  figures: readonly ((item: Item) => number)[],
): Item[] {
  if (series.length <= limit) return [...series];
  const stretches = Math.floor(limit / figures.length);
  return Array.from({ length: stretches }, (_, stretch) => {
    const begin = Math.floor((stretch * series.length) / stretches);
    const end = Math.floor(((stretch + 1) * series.length) / stretches);
    const part = series.slice(begin, end);
    const highest = new Set(figures.map((figure) => indexOfHighest(part, figure)));
    return part.filter((_item, index) => highest.has(index));
  }).flat();
}

function indexOfHighest<Item>(items: readonly Item[], figure: (item: Item) => number): number {
  let highest = -Infinity;
  let found = -1;
  items.forEach((item, index) => {
    if (figure(item) > highest) {
      highest = figure(item);
      found = index;
    }
  });
  return found;
}
