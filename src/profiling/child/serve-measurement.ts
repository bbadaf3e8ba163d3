import { writeFileSync } from 'node:fs';
import type { Workload } from '../../profiles/workload.js';
import type { ChildFailure, ChildMessage, ChildResult, MeasuringLimits, ParentMessage } from '../protocol.js';
import { WorkloadError } from './workload-error.js';

/** Measures one workload, telling `report` how far it has come. */
export type RunWorkload = (
  workload: Workload,
  limits: MeasuringLimits,
  report: (message: ChildMessage) => void,
) => Promise<ChildResult>;

/** How C++, the runtime's allocator and V8 say that there was no memory to be had. */
const ALLOCATION_FAILURE = /bad_alloc|failed to allocate|allocation failed|out of memory|_ALLOC_FAILED/i;

/**
 * Makes this process a measuring process: it says `ready`, measures the one workload that it is sent, says what came
 * of it, and ends.
 *
 * There is no handler for SIGTERM on purpose: while the runtime blocks the event loop, only the system's default
 * action ends the process.
 */
export function serveMeasurement(run: RunWorkload): void {
  preferAsOutOfMemoryVictim();
  // The service is gone, and with it everybody who could want a result.
  process.on('disconnect', () => process.exit(0));
  process.on('uncaughtException', (error) => finish({ type: 'failed', failure: failureOf(error) }));
  process.once('message', (message: ParentMessage) => {
    void answer(message, run);
  });
  send({ type: 'ready' });
}

async function answer(message: ParentMessage, run: RunWorkload): Promise<void> {
  // One kind of message so far; another one will not compile here until it is handled.
  message.type satisfies 'measure';
  try {
    finish({ type: 'result', result: await run(message.workload, message.limits, (report) => send(report)) });
  } catch (error) {
    finish({ type: 'failed', failure: failureOf(error) });
  }
}

function failureOf(error: unknown): ChildFailure {
  if (error instanceof WorkloadError) return error.failure;
  // For the service's log; clients get the message alone.
  console.error(error);
  const message = error instanceof Error ? error.message : String(error);
  if (ALLOCATION_FAILURE.test(message)) {
    return {
      code: 'out-of-memory',
      message: `The workload needed more memory than the system gave: ${message}. A smaller batch or image needs less.`,
    };
  }
  return {
    code: 'internal',
    message: 'Measuring failed inside the measuring process; the log of the service says how.',
  };
}

function finish(message: ChildMessage): void {
  send(message, () => process.exit(0));
}

function send(message: ChildMessage, sent: () => void = () => undefined): void {
  // An error means that the channel is closed, which 'disconnect' handles.
  process.send?.(message, undefined, undefined, sent);
}

/** Out of memory, the kernel then ends this process and not the service, whichever is the larger. */
function preferAsOutOfMemoryVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has it, and the choice is only a preference.
  }
}
