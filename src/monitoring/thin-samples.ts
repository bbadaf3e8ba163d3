import type { Sample } from '../profiles/measurement.js';
import { thinSeries } from './thin-series.js';

/** At most `limit` of the samples, in order, with the peaks of memory and of CPU utilisation among them. */
export function thinSamples(samples: readonly Sample[], limit: number): Sample[] {
  return thinSeries(samples, limit, [({ rssBytes }) => rssBytes, ({ cpuPercent }) => cpuPercent]);
}
