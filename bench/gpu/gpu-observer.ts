import { setTimeout as after } from 'node:timers/promises';
import { bytesOf, numberOf, type NvidiaSmi, parseRow } from '../../src/hardware/nvidia-smi.js';

const FIELDS = ['uuid', 'memory.used', 'utilization.gpu'] as const;
const PATIENCE_SECONDS = 5;
const INTERVAL_MS = 200;

export interface Observed {
  readonly usedBytes: number | null;
  readonly percent: number | null;
}

/** The highest that the program tells of a GPU while something goes on, asked anew each time: not as the service asks. */
export async function observing<T>(
  program: NvidiaSmi,
  uuid: string,
  goesOn: () => Promise<T>,
): Promise<{ readonly result: T; readonly observed: Observed }> {
  const over = new AbortController();
  const used: number[] = [];
  const percents: number[] = [];
  const watching = (async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await program.ask(FIELDS, PATIENCE_SECONDS);
      const rows = answer.kind === 'lines' ? answer.lines.map((line) => parseRow(line.trim(), FIELDS)) : [];
      const row = rows.find((one) => one?.uuid === uuid);
      const [bytes, percent] = [bytesOf(row?.['memory.used'] ?? null), numberOf(row?.['utilization.gpu'] ?? null)];
      if (bytes !== null) used.push(bytes);
      if (percent !== null) percents.push(percent);
      await after(INTERVAL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  try {
    const result = await goesOn();
    over.abort();
    await watching;
    const highest = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
    return { result, observed: { usedBytes: highest(used), percent: highest(percents) } };
  } finally {
    over.abort();
  }
}
