import { ChildDiedError, type MeasuringError, OutOfMemoryError } from './measuring.errors.js';
import type { MeasuringPhase } from './protocol.js';

/** What is known of a measuring process that ended without a result. */
export interface ChildDeath {
  /** How it is called, as the beginning of a sentence; by default the measuring process. */
  readonly process?: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Last thing that it wrote to its error output. */
  readonly stderrTail: string;
  /** Null when it had not begun. */
  readonly phase: MeasuringPhase | null;
  /** Processes that the kernel's out-of-memory killer ended meanwhile; null where the system does not count. */
  readonly outOfMemoryKills: number | null;
}

/** V8's heap limit, and a failed C++ allocation, both of which abort the process after saying so. */
const ALLOCATION_FAILURE = /heap out of memory|std::bad_alloc|can't allocate memory/;

/** Tells running out of memory from other deaths. */
export function deathToError(death: ChildDeath): MeasuringError {
  const { process: name = 'The measuring process' } = death;
  const when = death.phase === null ? 'before it began' : `in phase '${death.phase}'`;
  if (death.signal === 'SIGKILL' && death.outOfMemoryKills !== null && death.outOfMemoryKills > 0) {
    return new OutOfMemoryError(
      `${name} was ended ${when} by the system's out-of-memory killer. ` +
        'A smaller batch or image, or more memory, is needed.',
    );
  }
  if (ALLOCATION_FAILURE.test(death.stderrTail)) {
    return new OutOfMemoryError(
      `${name} could not get memory ${when} and ended. A smaller batch or image, or more memory, is needed.`,
    );
  }
  return new ChildDiedError(
    `${name} ended ${when} without a result: ${causeOf(death)}. The next request starts a fresh process.`,
    death.signal,
    death.exitCode,
    death.stderrTail,
  );
}

function causeOf({ signal, exitCode }: ChildDeath): string {
  if (signal === 'SIGKILL') {
    return 'SIGKILL from outside, as from an administrator, a container runtime or a memory watchdog';
  }
  if (signal !== null) return `signal ${signal}`;
  return `exit code ${exitCode ?? 'unknown'}`;
}
