import { Worker } from 'node:worker_threads';
import { PredictingError } from './predicting.errors.js';
import type { ThreadProgram } from './thread-program.js';
import type { TaskName, ThreadReply, ThreadTasks } from './thread-message.js';

/** Nothing takes as long once all before it is answered, unless it never ends. */
const LONGEST_TASK_SECONDS = 600;

/**
 * A graph is some megabytes that are thrown away at once: with as many as threads usually have, the collector runs several
 * times for each, and now and then in the middle of an answer for long.
 */
const YOUNG_MEGABYTES = 64;

interface Waiting {
  readonly resolve: (answer: ThreadTasks[TaskName]['answer']) => void;
  readonly reject: (error: PredictingError) => void;
}

/**
 * A thread that predicts: graphs take up to some tens of milliseconds to build, and learning anew longer, in which the
 * service could answer nobody.
 */
export class PredictorThread {
  private readonly worker: Worker;
  /** In the order in which they were asked. */
  private readonly waiting = new Map<number, Waiting>();
  /** Over the first of those that wait; the others' time has not begun. */
  private watch: NodeJS.Timeout | undefined;
  private lastId = 0;
  private ended = false;

  constructor({ path, execArgv }: ThreadProgram) {
    this.worker = new Worker(path, {
      execArgv: [...execArgv],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
    this.worker.unref();
    this.worker.on('message', (reply: ThreadReply) => this.settle(reply));
    this.worker.on('error', (error) => this.end(`The predicting thread failed: ${messageOf(error)}`));
    this.worker.on('exit', () => this.end('The predicting thread ended.'));
  }

  /** Whether it answers nothing any more. */
  get hasEnded(): boolean {
    return this.ended;
  }

  /** @throws PredictingError */
  ask<Name extends TaskName>(task: Name, asked: ThreadTasks[Name]['asked']): Promise<ThreadTasks[Name]['answer']> {
    if (this.ended) return Promise.reject(new PredictingError('The predicting thread has ended.'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      // The thread answers each task with what belongs to it.
      this.waiting.set(id, { resolve, reject });
      if (this.waiting.size === 1) this.watchFirst();
      this.worker.postMessage({ id, task, asked });
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(reply: ThreadReply): void {
    const waiting = this.waiting.get(reply.id);
    const [first] = this.waiting.keys();
    this.waiting.delete(reply.id);
    if (reply.id === first) this.watchFirst();
    if ('answer' in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(new PredictingError(reply.failure));
  }

  private watchFirst(): void {
    clearTimeout(this.watch);
    if (this.waiting.size > 0) this.watch = setTimeout(() => this.giveUp(), LONGEST_TASK_SECONDS * 1000).unref();
  }

  private giveUp(): void {
    this.end(`The predicting thread did not answer within ${LONGEST_TASK_SECONDS} s.`);
    void this.close();
  }

  private end(reason: string): void {
    this.ended = true;
    clearTimeout(this.watch);
    for (const { reject } of this.waiting.values()) reject(new PredictingError(reason));
    this.waiting.clear();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
