import {
  type ChildProcess,
  type ChildProcessByStdio,
  execFile,
  type ExecFileException,
  spawn,
} from 'node:child_process';
import type { Readable } from 'node:stream';

/** Comes with NVIDIA's driver. */
const PROGRAM = 'nvidia-smi';

/** What became of a question: the lines that were printed, or why there are none. */
export type NvidiaSmiAnswer =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  /** There is no such program, as on every machine without an NVIDIA driver. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'failed'; readonly reason: string };

/** One that answers again and again. */
export type FollowedProgram = ChildProcessByStdio<null, Readable, null>;

/** Cells of one GPU by field; null where the driver or the device does not tell. */
export type GpuRow<Field extends string> = Readonly<Record<Field, string | null>> & { readonly uuid: string };

/**
 * The one owner of NVIDIA's command-line tool, asked for CSV as `nvidia-smi --help-query-gpu` documents it: one line
 * for each GPU, cells after a comma and a space, memory in MiB, utilisation in percent.
 */
export class NvidiaSmi {
  /** @param environment whose `PATH` the program is found on. */
  constructor(private readonly environment: NodeJS.ProcessEnv = process.env) {}

  /** Asks once. What gives no answer in time is ended, and not waited for: a device that is lost can hold it for ever. */
  ask(fields: readonly string[], patienceSeconds: number): Promise<NvidiaSmiAnswer> {
    return new Promise((resolve) => {
      const options = { env: this.environment, windowsHide: true };
      const child = execFile(PROGRAM, queryArguments(fields), options, (error, stdout, stderr) => {
        clearTimeout(patience);
        resolve(error === null ? { kind: 'lines', lines: stdout.split('\n') } : failureOf(error, stdout, stderr));
      });
      const patience = setTimeout(() => {
        abandon(child);
        resolve({ kind: 'failed', reason: `it did not answer within ${patienceSeconds} s` });
      }, patienceSeconds * 1000);
    });
  }

  /** Starts a program that answers again and again, until it is killed or its output is closed. */
  follow(fields: readonly string[], intervalSeconds: number): FollowedProgram {
    return this.start([...queryArguments(fields), '-lms', String(Math.round(intervalSeconds * 1000))]);
  }

  /** As `follow`, once a second, of utilisation (`u`) and memory (`m`) of the processes on each GPU. */
  followProcesses(): FollowedProgram {
    return this.start(['pmon', '-s', 'um', '-d', '1']);
  }

  private start(options: readonly string[]): FollowedProgram {
    return spawn(PROGRAM, options, {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
    });
  }
}

/** Ends a program whose end nobody waits for; one that a lost device holds does not even follow this signal. */
export function abandon(child: Pick<ChildProcess, 'kill' | 'unref' | 'stdout' | 'stderr'>): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

function queryArguments(fields: readonly string[]): string[] {
  return [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
}

function failureOf(error: ExecFileException, stdout: string, stderr: string): NvidiaSmiAnswer {
  if (error.code === 'ENOENT') return { kind: 'missing' };
  // It tells its own errors on standard output.
  const said = [stdout, stderr].flatMap((text) => text.split('\n')).filter((line) => line !== '');
  const ended = typeof error.code === 'string' ? error.message : endOf(error.code ?? null, error.signal ?? null);
  return { kind: 'failed', reason: [ended, ...said].join('; ') };
}

/** How a program ended, in words. */
export function endOf(exitCode: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `it ended with code ${exitCode ?? 'unknown'}` : `it was ended by ${signal}`;
}

/** Null where the line is no answer to a query of these fields (`uuid` among them), but a message, or a part of an answer. */
export function parseRow<const Field extends string>(line: string, fields: readonly Field[]): GpuRow<Field> | null {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== fields.length) return null;
  const row = Object.fromEntries(fields.map((field, index) => [field, cellOf(cells[index] ?? '')]));
  // A message may have as many commas, but its first words are more than one.
  if (typeof row.uuid !== 'string' || /\s/.test(row.uuid)) return null;
  return row as GpuRow<Field>;
}

/** What is not told is written `[N/A]`, `[Not Supported]`, `[Unknown Error]` or alike; older versions leave out the brackets. */
function cellOf(text: string): string | null {
  return text === '' || /^\[.*\]$|^(N\/A|Not Supported|Unknown Error)$/i.test(text) ? null : text;
}

/** Null for what is no plain number, such as one with a unit that was not asked for. */
export function numberOf(cell: string | null): number | null {
  return cell !== null && /^\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}

/** Of a cell in MiB. */
export function bytesOf(cell: string | null): number | null {
  const mebibytes = numberOf(cell);
  return mebibytes === null ? null : Math.round(mebibytes * 2 ** 20);
}
