import { type ChildProcess, spawn } from 'node:child_process';
import { cpus } from 'node:os';

/** Of the machine's processors: well above what is reported as other load, and little enough to leave work to measure. */
const SHARE = 0.25;

/** Processes that do nothing but keep processors busy, until they are ended. */
export class OtherLoad {
  private readonly processes: readonly ChildProcess[];

  constructor() {
    const count = Math.max(1, Math.ceil(SHARE * cpus().length));
    this.processes = Array.from({ length: count }, () =>
      spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
    );
    // By itself none of them would ever notice that the bench is gone.
    process.once('exit', this.end);
  }

  readonly end = (): void => {
    for (const child of this.processes) child.kill('SIGKILL');
    process.off('exit', this.end);
  };
}
