import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { HOW_TO_INSTALL, PYTORCH_SCRIPT, pythonEnvironment } from '../../runtimes/python-program.js';
import type { ChildFailure } from '../protocol.js';
import { WorkloadError } from './workload-error.js';

/** Loading torch from a disk that nothing was read from yet took up to 20 s. */
const START_SECONDS = 120;
/** That its last words may still be on their way when it has ended. */
const UNREAD_MS = 1000;
/** Longer than an answer ever is: of garbage no more is looked at. */
const LONGEST_EXCERPT = 200;

/** What Python says of a workload, under the codes that the service knows. */
const TOLD = [
  'untrainable',
  'counts-out-of-range',
  'out-of-memory',
  'precision-unsupported',
  'runtime-unavailable',
  'architecture-unavailable',
] as const;

interface Waiting {
  readonly id: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The Python that computes, and the questions that it is asked one after the other, a line of JSON each. What it writes to
 * its error output goes where this process's goes. It ends with this process: by the end of its input, and on Linux by the
 * kernel, whatever it is doing.
 */
export class PythonProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly ended: Promise<unknown>;
  private waiting: Waiting | null = null;
  private failure: WorkloadError | null = null;
  private lastId = 0;

  private constructor(
    private readonly python: string,
    threads: number,
  ) {
    const count = String(threads);
    this.child = spawn(python, [PYTORCH_SCRIPT], {
      env: {
        ...pythonEnvironment(process.env),
        ...(process.env.TMPDIR !== undefined && { TMPDIR: process.env.TMPDIR }),
        // Libraries below torch that have threads of their own read these when they are loaded. Nothing is said of how
        // memory is given back, unlike to this process: users' trainings run with what the system does by default.
        OMP_NUM_THREADS: count,
        OPENBLAS_NUM_THREADS: count,
        MKL_NUM_THREADS: count,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.ended = once(this.child, 'exit').catch(() => undefined);
    this.child.once('error', (error) => this.fail(startFailure(python, error)));
    this.child.once('exit', (exitCode, signal) => {
      const died = (): void =>
        this.fail({ code: 'runtime-died', message: 'Python ended before it had answered.', exitCode, signal });
      // What it said last is still to be read; what it has started may hold its output open for ever.
      this.child.once('close', died);
      setTimeout(died, UNREAD_MS).unref();
    });
    // Of a pipe that is closed the end of the process tells.
    this.child.stdin.on('error', () => undefined);
    createInterface({ input: this.child.stdout }).on('line', (line) => this.receive(line));
  }

  /** @throws WorkloadError; `hello` is what it says of itself once torch is loaded */
  static async start(python: string, threads: number): Promise<{ process: PythonProcess; hello: unknown }> {
    const started = new PythonProcess(python, threads);
    const late = setTimeout(
      () =>
        started.fail({
          code: 'runtime-failed',
          message: `${python} (PYTHON) did not say within ${START_SECONDS} s that torch is loaded.`,
        }),
      START_SECONDS * 1000,
    );
    try {
      return { process: started, hello: await started.answer(0) };
    } catch (error) {
      await started.end();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** Of the process as it was started; it tells its own number itself. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** One question, when the one before is answered. @throws WorkloadError */
  async ask(command: string, given?: unknown): Promise<unknown> {
    const id = ++this.lastId;
    const answered = this.answer(id);
    this.child.stdin.write(`${JSON.stringify({ id, command, given })}\n`);
    return answered;
  }

  /** Resolves when it is gone. */
  async end(): Promise<void> {
    this.child.kill('SIGKILL');
    // There is no process, and so no end, where it could not be started.
    if (this.child.pid !== undefined) await this.ended;
    this.child.stdout.destroy();
  }

  private answer(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.failure !== null) reject(this.failure);
      else this.waiting = { id, resolve, reject };
    });
  }

  private receive(line: string): void {
    if (this.failure !== null) return;
    const answer = answerIn(line);
    if (answer === null || answer.id !== this.waiting?.id) {
      this.fail({
        code: 'runtime-failed',
        message: `${this.python} (PYTHON) said ${JSON.stringify(line.slice(0, LONGEST_EXCERPT))}, which is no answer to what it was asked.`,
      });
      return;
    }
    const { resolve, reject } = this.waiting;
    this.waiting = null;
    if (answer.error === undefined) resolve(answer.result);
    else reject(new WorkloadError(failureOf(this.python, answer.error)));
  }

  /** The first failure is the cause of all later ones. */
  private fail(failure: ChildFailure): void {
    this.failure ??= new WorkloadError(failure);
    this.waiting?.reject(this.failure);
    this.waiting = null;
  }
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** Null for what is none. */
function answerIn(line: string): Answer | null {
  try {
    const value = JSON.parse(line) as Partial<Answer> | null;
    if (typeof value !== 'object' || value === null || typeof value.id !== 'number') return null;
    const { error } = value;
    if (error === undefined) return 'result' in value ? (value as Answer) : null;
    return typeof error.code === 'string' && typeof error.message === 'string' ? (value as Answer) : null;
  } catch {
    return null;
  }
}

function failureOf(python: string, { code, message }: NonNullable<Answer['error']>): ChildFailure {
  const told = TOLD.find((known) => known === code);
  switch (told) {
    case undefined:
      return { code: 'runtime-failed', message: `PyTorch failed: ${message}` };
    case 'out-of-memory':
      return { code: told, message: `PyTorch got no memory: ${message}. A smaller batch or image needs less.` };
    case 'precision-unsupported':
      return {
        code: told,
        message: `PyTorch cannot compute this in the precision asked for: ${message}. "fp32" works everywhere.`,
      };
    case 'runtime-unavailable':
      return {
        code: told,
        message: `${python} (PYTHON) has no torch and torchvision that work: ${message}. ${HOW_TO_INSTALL}`,
      };
    case 'architecture-unavailable':
      return { code: 'runtime-unavailable', message };
    case 'untrainable':
    case 'counts-out-of-range':
      return { code: told, message };
  }
}

function startFailure(python: string, error: Error): ChildFailure {
  return {
    code: 'runtime-unavailable',
    message: `${python} (PYTHON) could not be started: ${error.message}. runtime "pytorch" needs a Python with torch and torchvision. ${HOW_TO_INSTALL}`,
  };
}
