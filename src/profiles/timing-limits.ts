import type { MeasuringProtocol, TimingLimits } from './measurement.js';

/**
 * Whether what was measured under a protocol is what would be measured within these limits, or more than that. Limits that
 * changed nothing do not count.
 */
export function reaches(protocol: MeasuringProtocol, limits: TimingLimits): boolean {
  return !protocol.shortened || (protocol.maxSteps >= limits.maxSteps && protocol.maxSeconds >= limits.maxSeconds);
}

/** Whether one answers every request that the other would answer. */
export function covers(one: MeasuringProtocol, other: MeasuringProtocol): boolean {
  return !one.shortened || (other.shortened && reaches(one, other));
}
