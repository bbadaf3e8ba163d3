import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { BenchCase } from './bench-case.js';

/** A process that takes steps when it is told to, and can be watched meanwhile. */
export class Stepping {
  private constructor(
    private readonly child: ChildProcess,
    readonly pid: number,
  ) {}

  /** @returns when it is warm */
  static async start(benchCase: BenchCase): Promise<Stepping> {
    const child = fork(join(__dirname, 'stepping-process.js'), [JSON.stringify(benchCase)]);
    const stepping = new Stepping(child, child.pid ?? 0);
    await stepping.answer();
    return stepping;
  }

  /** @returns wall seconds of all of them together */
  async take(steps: number): Promise<number> {
    const answer = this.answer();
    this.child.send(steps);
    return answer;
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private answer(): Promise<number> {
    return new Promise((resolve, reject) => {
      const died = (): void => reject(new Error('the process that takes the steps ended without an answer'));
      this.child.once('exit', died);
      this.child.once('message', (seconds: number) => {
        this.child.off('exit', died);
        resolve(seconds);
      });
    });
  }
}
