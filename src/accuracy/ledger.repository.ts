import type { LedgerEntry } from './ledger-entry.js';

/** Where measurements are kept beside what had been predicted; nothing is ever changed or removed. */
export abstract class LedgerRepository {
  /** When the promise resolves, the entry outlives a crash. @throws ProfileStorageError */
  abstract append(machineId: string, entry: LedgerEntry): Promise<void>;

  /** Oldest first; none where there is no ledger. @throws ProfileStorageError where it cannot be read */
  abstract read(machineId: string): Promise<readonly LedgerEntry[]>;
}
