import { Worker } from 'node:worker_threads';
import type { ThreadProgram } from './thread-program.js';
import type { TaskName, ThreadReply, ThreadTasks } from './thread-message.js';

/** The thread ended, or failed at what it was asked. */
export class PredictingError extends Error {
  readonly code = 'predicting-failed';
}

/** Nothing takes as long, unless it never ends. */
const LONGEST_TASK_SECONDS = 600;

/**
 * A graph is some megabytes that are thrown away at once: with as many as threads usually have, the collector runs several
 * times for each, and now and then in the middle of an answer for long.
 */
const YOUNG_MEGABYTES = 64;

interface Waiting {
  readonly resolve: (answer: ThreadTasks[TaskName]['answer']) => void;
  readonly reject: (error: PredictingError) => void;
  readonly watch: NodeJS.Timeout;
}

/**
 * A thread that predicts: graphs take up to some tens of milliseconds to build, and learning anew longer, in which the
 * service could answer nobody.
 */
export class PredictorThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
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
      this.waiting.set(id, {
        resolve,
        reject,
        watch: setTimeout(() => this.giveUp(), LONGEST_TASK_SECONDS * 1000).unref(),
      });
      this.worker.postMessage({ id, task, asked });
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(reply: ThreadReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    clearTimeout(waiting?.watch);
    if ('answer' in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(new PredictingError(reply.failure));
  }

  private giveUp(): void {
    this.end(`The predicting thread did not answer within ${LONGEST_TASK_SECONDS} s.`);
    void this.close();
  }

  private end(reason: string): void {
    this.ended = true;
    for (const { reject, watch } of this.waiting.values()) {
      clearTimeout(watch);
      reject(new PredictingError(reason));
    }
    this.waiting.clear();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
