import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { childrenOf } from './processes.js';

/** The command line of a measuring process has it, and that of whatever else the service starts has not. */
const MEASURING_PROGRAM = 'profiling/child/main.js';

/** A process of the built service, on a port that was free. */
export class ServiceProcess {
  private constructor(
    readonly url: string,
    private readonly process: ChildProcess,
    private readonly exited: Promise<unknown>,
  ) {}

  /**
   * @param program path of the compiled `main.js`
   * @returns once it listens
   */
  static async start(program: string, environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const process_ = spawn(process.execPath, [program], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(process_, 'exit');
    const url = await listening(createInterface(process_.stdout));
    // Lines that nobody reads would fill the pipe and halt the service.
    process_.stdout.resume();
    return new ServiceProcess(url, process_, exited);
  }

  /** Measuring processes that it has started and that are still listed; Linux only. */
  measuringProcesses(): Promise<number[]> {
    return childrenOf(Number(this.process.pid), MEASURING_PROGRAM);
  }

  /** Asks it to end. @returns when it has */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    await this.exited;
  }

  /** Ends it without its being asked. @returns when it is gone */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

async function listening(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /listening on (http:\/\/[^\s,]+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('The service ended before it listened.');
}
