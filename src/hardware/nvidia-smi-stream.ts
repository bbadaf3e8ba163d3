import { abandon, endOf, type FollowedProgram } from './nvidia-smi.js';

/** Longer than any line of an answer: what has no end by then is none. */
const LONGEST_LINE = 4096;

/** One run of the program that answers again and again, from its start to its end. */
export abstract class NvidiaSmiStream {
  private rest = '';
  private lastMessage: string | null = null;
  private lastToldMilliseconds = -Infinity;
  private reason: string | null = null;
  /** To be called when every GPU has been told of once. */
  protected begun: () => void = () => undefined;
  /** Settles when every GPU has been told of once, or there is nothing more to wait for. */
  readonly firstRound = new Promise<void>((resolve) => (this.begun = resolve));

  constructor(private readonly child: FollowedProgram) {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => this.receive(chunk));
    child.on('error', (error) => this.finish(error.message));
    child.once('close', (exitCode, signal) => {
      const end = endOf(exitCode, signal);
      this.finish(this.lastMessage === null ? end : `${end}; ${this.lastMessage}`);
    });
  }

  /** Why the program has ended; null while it runs. */
  get ended(): string | null {
    return this.reason;
  }

  /** So that what hangs is not taken for what stands still. */
  isSilentSince(milliseconds: number): boolean {
    return this.lastToldMilliseconds < milliseconds;
  }

  kill(reason: string): void {
    this.finish(reason);
    abandon(this.child);
  }

  /** @returns whether the line, without the spaces around it, was one of an answer */
  protected abstract take(line: string): boolean;

  private receive(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    // The last one has not ended yet. Where the program dies before that, it is never read: 12 may have become 1234.
    this.rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines.map((text) => text.trim())) {
      if (this.take(line)) this.lastToldMilliseconds = performance.now();
      else if (line !== '') this.lastMessage = line;
    }
  }

  private finish(reason: string): void {
    this.reason ??= reason;
    this.begun();
  }
}
