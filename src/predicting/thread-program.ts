import { join } from 'node:path';

/** The program of the thread that predicts. */
export interface ThreadProgram {
  readonly path: string;
  readonly execArgv: readonly string[];
}

/** Injection token of `ThreadProgram`. */
export const THREAD_PROGRAM = Symbol('THREAD_PROGRAM');

export const PREDICTING_PROGRAM: ThreadProgram = { path: join(__dirname, 'thread', 'main.js'), execArgv: [] };
