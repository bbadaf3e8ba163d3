import { setTimeout as after } from 'node:timers/promises';
import type { NvidiaSmiStream } from './nvidia-smi-stream.js';

export interface StreamTiming {
  /** Until the first answer, and that an answer may be old. */
  readonly patienceSeconds: number;
  /** After the last question, when the program is ended: it would disturb what is measured. */
  readonly idleSeconds: number;
}

/**
 * Keeps one program that is started with the first question and answers all that follow soon after: starting it for
 * each would take up to seconds.
 */
export class StreamKeeper<Stream extends NvidiaSmiStream> {
  private current: Stream | null = null;
  private idle: NodeJS.Timeout | undefined;
  private toldProblem: string | null = null;
  private closed = false;

  /** @param onProblem told why there are no readings; not again while that stays the same. */
  constructor(
    private readonly timing: StreamTiming,
    private readonly onProblem: (problem: string) => void,
  ) {}

  /**
   * What the stream tells of the last moments, once it has told of all, or has been waited for in vain. Nothing once
   * this is closed.
   */
  async ask<T>(start: () => Stream, told: (stream: Stream, sinceMilliseconds: number) => T): Promise<T | null> {
    if (this.closed) return null;
    const { patienceSeconds } = this.timing;
    const stream = (this.current ??= start());
    this.endWhenIdle();
    // A stream that has begun is not waited for: `firstRound` is settled.
    const waiting = new AbortController();
    await Promise.race([
      stream.firstRound,
      after(patienceSeconds * 1000, undefined, { signal: waiting.signal }).catch(() => undefined),
    ]);
    waiting.abort();
    const since = performance.now() - patienceSeconds * 1000;
    const answer = told(stream, since);
    if (stream.isSilentSince(since)) stream.kill(`it told nothing for ${patienceSeconds} s`);
    this.look(stream);
    return answer;
  }

  /** Ends the program. */
  close(): void {
    this.closed = true;
    clearTimeout(this.idle);
    this.end('the service ends');
  }

  /** A stream that has ended serves nobody any more: the next question starts another one. */
  private look(stream: Stream): void {
    if (stream.ended !== null && this.current === stream) this.current = null;
    if (this.closed) return;
    if (stream.ended !== null && stream.ended !== this.toldProblem) this.onProblem(stream.ended);
    this.toldProblem = stream.ended;
  }

  private endWhenIdle(): void {
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.end('nobody asks'), this.timing.idleSeconds * 1000).unref();
  }

  private end(reason: string): void {
    this.current?.kill(reason);
    this.current = null;
  }
}
