import type { Sample } from '../profiles/measurement.js';

/**
 * At most `limit` of the samples, in order. The series is cut into equal stretches, and of each the samples with the
 * highest memory and the highest CPU utilisation stay, so that both peaks of the whole series are among them.
 */
export function thinSamples(samples: readonly Sample[], limit: number): Sample[] {
  if (samples.length <= limit) return [...samples];
  const stretches = Math.floor(limit / 2);
  const kept: Sample[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const begin = Math.floor((stretch * samples.length) / stretches);
    const end = Math.floor(((stretch + 1) * samples.length) / stretches);
    const part = samples.slice(begin, end);
    const byMemory = indexOfHighest(part, (sample) => sample.rssBytes);
    const byCpu = indexOfHighest(part, (sample) => sample.cpuPercent);
    kept.push(...part.filter((_, index) => index === byMemory || index === byCpu));
  }
  return kept;
}

function indexOfHighest(samples: readonly Sample[], value: (sample: Sample) => number): number {
  let highest = -Infinity;
  let found = -1;
  samples.forEach((sample, index) => {
    if (value(sample) > highest) {
      highest = value(sample);
      found = index;
    }
  });
  return found;
}
