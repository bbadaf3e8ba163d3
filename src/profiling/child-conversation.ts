import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workload } from '../profiles/workload.js';
import { deathToError } from './child-death.js';
import { guardChild } from './child-guard.js';
import { parseChildMessage } from './child-message.js';
import { childEnvironment, type ChildProgram } from './child-program.js';
import {
  CountsOutOfRangeError,
  DoesNotFitError,
  MeasuringCancelledError,
  type MeasuringError,
  MeasuringFailedError,
  MeasuringTimeoutError,
  NonFiniteLossError,
  OutOfMemoryError,
  RuntimeFailedError,
  RuntimeUnavailableError,
  UnsupportedPrecisionError,
  UntrainableWorkloadError,
} from './measuring.errors.js';
import type {
  ChildFailure,
  ChildMessage,
  ChildResult,
  MeasuringLimits,
  MeasuringPhase,
  ParentMessage,
} from './protocol.js';

/** Characters of the child's error output that are kept for the log. */
const STDERR_TAIL_LENGTH = 4000;

export interface ConversationRequest {
  readonly program: ChildProgram;
  readonly workload: Workload;
  readonly limits: MeasuringLimits;
  /** Further variables of the process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  /** Kills by the kernel's out-of-memory killer so far; null where the system does not count. */
  readonly countOutOfMemoryKills: () => number | null;
  /** Called for every message, before it is acted upon and while the child is alive. */
  readonly onMessage: (message: ChildMessage, pid: number) => void;
  /** Called at the end with the last of what the child wrote to its error output, if anything. */
  readonly onErrorOutput: (text: string) => void;
}

/**
 * One measurement made by one child process, which is started for it and gone when this settles, whatever happens:
 * memory that an earlier workload left behind would be counted for the next.
 * @throws MeasuringError
 */
export async function converse(request: ConversationRequest): Promise<ChildResult> {
  if (request.signal.aborted)
    throw new MeasuringCancelledError(
      'The measurement was cancelled before it began, as it is when the service ends: ask again.',
    );
  // A child that is killed leaves its traces behind: they are removed with the folder.
  const temporaryFolder = await mkdtemp(join(tmpdir(), 'measurement-'));
  const child = fork(request.program.modulePath, {
    execArgv: [...request.program.execArgv],
    env: { ...childEnvironment(process.env, temporaryFolder), ...request.environment },
    // It leads a group of its own, so that what it starts can be ended with it. Windows has no groups.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // Not 'exit': messages and error output written just before are still unread then.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const conversation = new Conversation(child, request);
  // There is no process when it could not be started.
  const releaseGuard = child.pid === undefined ? () => undefined : guardChild(child.pid, temporaryFolder);
  const kill = (): void => signalAll(child, 'SIGKILL');
  process.once('exit', kill);
  // What it had started would else go on, and hold its error output open.
  child.once('exit', kill);
  try {
    return await conversation.result();
  } finally {
    await end(child, closed, request.program.graceSeconds);
    releaseGuard();
    process.off('exit', kill);
    await rm(temporaryFolder, { recursive: true, force: true });
    if (conversation.stderrTail !== '') request.onErrorOutput(conversation.stderrTail);
  }
}

class Conversation {
  private readonly killsBefore: number | null;
  /** Last thing that the child wrote to its error output. */
  stderrTail = '';
  private phase: MeasuringPhase | null = null;
  private start: NodeJS.Timeout | undefined;

  constructor(
    private readonly child: ChildProcess,
    private readonly request: ConversationRequest,
  ) {
    this.killsBefore = request.countOutOfMemoryKills();
  }

  async result(): Promise<ChildResult> {
    const { child, request } = this;
    const cleanUp: (() => void)[] = [];
    try {
      return await new Promise<ChildResult>((resolve, reject) => {
        const fail = (error: unknown): void => reject(asError(error));

        const total = setTimeout(
          () =>
            fail(this.timeout('did not end', request.timeoutSeconds, ', or MEASURE_TIMEOUT_SECONDS has to be raised')),
          request.timeoutSeconds * 1000,
        );
        const cancel = (): void =>
          fail(
            new MeasuringCancelledError('The measurement was cancelled, as it is when the service ends: ask again.'),
          );
        request.signal.addEventListener('abort', cancel, { once: true });
        // While the folder was made: a signal tells of that once only.
        if (request.signal.aborted) cancel();
        cleanUp.push(
          () => clearTimeout(total),
          () => clearTimeout(this.start),
          () => request.signal.removeEventListener('abort', cancel),
        );

        child.stderr?.on('data', (chunk: Buffer) => {
          this.stderrTail = (this.stderrTail + chunk.toString()).slice(-STDERR_TAIL_LENGTH);
        });
        child.on('error', (error) =>
          fail(
            new MeasuringFailedError(`The measuring process could not be started: ${error.message}`, { cause: error }),
          ),
        );
        child.on('close', (exitCode, signal) => fail(this.death(exitCode, signal)));
        const receive = (raw: unknown): void => {
          try {
            const message = parseChildMessage(raw);
            clearTimeout(this.start);
            request.onMessage(message, child.pid ?? 0);
            this.follow(message, resolve);
          } catch (error) {
            fail(error);
          }
        };
        child.on('message', receive);
        // What comes while the child is being ended is nobody's concern any more.
        cleanUp.push(() => child.off('message', receive));
        const { startSeconds } = request.program;
        this.start = setTimeout(() => fail(this.timeout('was not ready', startSeconds)), startSeconds * 1000);
      });
    } finally {
      for (const step of cleanUp) step();
    }
  }

  private follow(message: ChildMessage, resolve: (result: ChildResult) => void): void {
    switch (message.type) {
      case 'ready':
        this.send({ type: 'measure', workload: this.request.workload, limits: this.request.limits });
        return;
      case 'progress':
        this.phase = message.phase;
        return;
      case 'computing':
      case 'watch-cpu':
        return;
      case 'result':
        resolve(message.result);
        return;
      case 'failed':
        throw failureToError(message.failure, ({ exitCode = null, signal = null }) =>
          this.death(exitCode, signal, 'The Python that measures'),
        );
    }
  }

  private send(message: ParentMessage): void {
    // Failing to send means that the child is gone, which 'close' tells with its reason.
    this.child.send(message, () => undefined);
  }

  private timeout(what: string, limitSeconds: number, elseAdvice = ''): MeasuringTimeoutError {
    const phase = this.phase === null ? 'it had not begun' : `it had come to phase '${this.phase}'`;
    return new MeasuringTimeoutError(
      `The measuring process ${what} within ${limitSeconds} s and was ended; ${phase}. ` +
        `A smaller batch or image takes less${elseAdvice}.`,
      limitSeconds,
    );
  }

  private death(exitCode: number | null, signal: NodeJS.Signals | null, process?: string): MeasuringError {
    const kills = this.request.countOutOfMemoryKills();
    return deathToError({
      ...(process !== undefined && { process }),
      exitCode,
      signal,
      stderrTail: this.stderrTail,
      phase: this.phase,
      outOfMemoryKills: kills === null || this.killsBefore === null ? null : kills - this.killsBefore,
    });
  }
}

/** SIGTERM, then SIGKILL; settles when the process is gone, so that the next one has the machine to itself. */
async function end(child: ChildProcess, closed: Promise<void>, graceSeconds: number): Promise<void> {
  // There is no process when it could not be started.
  if (child.pid === undefined) return;
  const kill = setTimeout(() => signalAll(child, 'SIGKILL'), graceSeconds * 1000);
  signalAll(child, 'SIGTERM');
  await closed;
  clearTimeout(kill);
}

/** To the process and to those that it has started, also when it is gone itself. */
function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // There is nobody left.
  }
}

function failureToError(failure: ChildFailure, death: (failure: ChildFailure) => MeasuringError): MeasuringError {
  switch (failure.code) {
    case 'does-not-fit':
      return new DoesNotFitError(failure.message, failure.plannedPeakBytes ?? 0, failure.memoryBudgetBytes ?? 0);
    case 'untrainable':
      return new UntrainableWorkloadError(failure.message);
    case 'counts-out-of-range':
      return new CountsOutOfRangeError(failure.message);
    case 'non-finite-loss':
      return new NonFiniteLossError(failure.message);
    case 'out-of-memory':
      return new OutOfMemoryError(failure.message);
    case 'precision-unsupported':
      return new UnsupportedPrecisionError(failure.message);
    case 'runtime-unavailable':
      return new RuntimeUnavailableError(failure.message);
    case 'runtime-failed':
      return new RuntimeFailedError(failure.message);
    case 'runtime-died':
      return death(failure);
    case 'internal':
      return new MeasuringFailedError(failure.message);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
