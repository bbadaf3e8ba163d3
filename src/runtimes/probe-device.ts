import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

/** What the process that probes says at its end. */
export type ProbeMessage = { readonly works: true } | { readonly works: false; readonly reason: string };

/** What is started to try a device, which is its one argument. */
export interface ProbeProgram {
  readonly modulePath: string;
  readonly execArgv: readonly string[];
  /** Loading CUDA's libraries from a disk that nothing was read from yet takes some tens of seconds. */
  readonly patienceSeconds: number;
}

/** Injection token of `ProbeProgram`. */
export const PROBE_PROGRAM = Symbol('PROBE_PROGRAM');

export const DEFAULT_PROBE_PROGRAM: ProbeProgram = {
  modulePath: join(__dirname, 'probe', 'main.js'),
  execArgv: [],
  patienceSeconds: 60,
};

const STDERR_TAIL_LENGTH = 4000;
const LONGEST_REASON = 400;

/** Why nothing can be computed on a device; null where it can. Never rejects, and leaves no process behind. */
export async function probeDevice(program: ProbeProgram, device: string): Promise<string | null> {
  const child = fork(program.modulePath, [device], {
    execArgv: [...program.execArgv],
    env: { ...process.env, CUDA_DEVICE_ORDER: 'PCI_BUS_ID', NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-STDERR_TAIL_LENGTH)));
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    const reason = await answerOf(child, program.patienceSeconds);
    if (reason === null) return null;
    kill();
    // What its libraries wrote is there only when it has ended.
    if (child.pid !== undefined) await closed;
    const cause = libraryProblem(said);
    return (cause === null || reason.includes(cause) ? reason : `${reason}: ${cause}`).slice(0, LONGEST_REASON);
  } finally {
    kill();
    process.off('exit', kill);
  }
}

function answerOf(child: ChildProcess, patienceSeconds: number): Promise<string | null> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(`it did not answer within ${patienceSeconds} s`), patienceSeconds * 1000);
    const settle = (reason: string | null): void => {
      clearTimeout(late);
      resolve(reason);
    };
    child.once('message', (message) => settle(reasonIn(message as Partial<ProbeMessage> | null)));
    child.once('error', (error) => settle(`it could not be started: ${error.message}`));
    child.once('exit', (exitCode, signal) =>
      settle(`the process that tried it ended with ${signal ?? `code ${String(exitCode)}`}`),
    );
  });
}

function reasonIn(message: Partial<ProbeMessage> | null): string | null {
  if (message?.works === true) return null;
  return message?.works === false && typeof message.reason === 'string'
    ? oneLine(message.reason)
    : `it said ${JSON.stringify(message)}`;
}

/** onnxruntime throws that a library could not be loaded, and writes which one and why to its error output. */
function libraryProblem(said: string): string | null {
  const [, cause] = /with error: ([^\n]*)/.exec(said) ?? [];
  return cause === undefined ? null : oneLine(cause);
}

function oneLine(text: string): string {
  return text.split(/\s+/).join(' ').trim();
}
