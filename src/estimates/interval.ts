import { named, number, object } from '../common/codec.js';
import type { Interval } from '../prediction/prediction.js';

export const intervalCodec = named(
  'Interval',
  object<Interval>(
    { low: number(), central: number(), high: number() },
    'A central value, and the ends between which the true one lies in 90 of 100 cases.',
  ),
);

/** Whether the ends are no further from the central value than a share of it. */
export function isWithin({ low, central, high }: Interval, share: number): boolean {
  return high <= central * (1 + share) && low >= central * (1 - share);
}
