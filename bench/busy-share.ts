import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

const SAMPLE_MILLISECONDS = 500;

/** Share of the machine's processors that others use, looked at while this process waits. */
export async function busyShare(): Promise<number> {
  const before = processorTimes();
  await setTimeout(SAMPLE_MILLISECONDS);
  const after = processorTimes();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function processorTimes(): { readonly idle: number; readonly total: number } {
  const times = cpus().map((processor) => processor.times);
  const sum = (parts: readonly number[]): number => parts.reduce((all, part) => all + part, 0);
  return { idle: sum(times.map(({ idle }) => idle)), total: sum(times.flatMap((parts) => Object.values(parts))) };
}
