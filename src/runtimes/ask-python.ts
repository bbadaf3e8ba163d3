import { spawn } from 'node:child_process';
import { PYTORCH_SCRIPT, pythonEnvironment } from './python-program.js';

/** What became of a question: what Python answered, or why it did not. */
export type PythonAnswer =
  { readonly kind: 'answer'; readonly result: unknown } | { readonly kind: 'failed'; readonly reason: string };

/** Of what it says no more is looked at. */
const LONGEST_OUTPUT = 100_000;
const LONGEST_EXCERPT = 200;

/** Starts the Python once, for one question. It, and whatever it started, is gone when this resolves. */
export function askPython(
  python: string,
  mode: '--versions' | '--probe',
  patienceSeconds: number,
): Promise<PythonAnswer> {
  return new Promise((resolve) => {
    const child = spawn(python, [PYTORCH_SCRIPT, mode], {
      env: pythonEnvironment(process.env),
      // Of a group of its own: a script that starts the real one is ended with it.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let output = '';
    let late = false;
    const end = (): void => {
      try {
        if (child.pid !== undefined && process.platform !== 'win32') process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It is gone already.
      }
    };
    const patience = setTimeout(() => {
      late = true;
      end();
    }, patienceSeconds * 1000);
    process.once('exit', end);
    const settle = (answer: PythonAnswer): void => {
      clearTimeout(patience);
      process.off('exit', end);
      resolve(answer);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(0, LONGEST_OUTPUT);
    });
    child.once('error', (error) => settle({ kind: 'failed', reason: `it could not be started: ${error.message}` }));
    // What it has started may hold its output open.
    child.once('exit', end);
    child.once('close', (exitCode, signal) => {
      if (late) settle({ kind: 'failed', reason: `it did not answer within ${patienceSeconds} s` });
      else settle(answerIn(output, signal ?? `code ${exitCode ?? 'unknown'}`));
    });
  });
}

function answerIn(output: string, end: string): PythonAnswer {
  try {
    const answer = JSON.parse(output) as { result?: unknown; error?: { message?: unknown } } | null;
    if (answer?.result !== undefined) return { kind: 'answer', result: answer.result };
    if (typeof answer?.error?.message === 'string') return { kind: 'failed', reason: answer.error.message };
  } catch {
    // Told below.
  }
  const said = output === '' ? 'nothing' : JSON.stringify(output.slice(0, LONGEST_EXCERPT));
  return { kind: 'failed', reason: `it said ${said} and ended with ${end}` };
}
