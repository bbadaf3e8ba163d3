import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROGRAM = join(__dirname, '../../../dist/main.js');

export interface BuiltService {
  readonly url: string;
  /** Processes that it has started and that still run; Linux only. */
  readonly children: () => Promise<number[]>;
  readonly stop: () => Promise<void>;
}

/** Starts the service as `npm start` does, on a port that is free. */
export async function startBuiltService(environment: Readonly<Record<string, string>>): Promise<BuiltService> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`There is no ${PROGRAM}. Run: npm run build`);
  }
  const service = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(service, 'exit');
  const url = await listening(createInterface(service.stdout));
  // Lines that nobody reads would fill the pipe and halt the service.
  service.stdout.resume();
  return {
    url,
    children: () => childrenOf(Number(service.pid)),
    stop: async () => {
      service.kill('SIGTERM');
      await exited;
    },
  };
}

async function listening(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /listening on (http:\/\/[^\s,]+)/.exec(line)?.[1];
    if (url !== undefined) {
      return url;
    }
  }
  throw new Error('The service ended before it listened.');
}

/** The fourth field of `stat` is the parent, after a name in brackets that may hold anything: proc_pid_stat(5). */
async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const parents = await Promise.all(pids.map((pid) => readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => Number(parents[index]?.split(') ').at(-1)?.split(' ')[1]) === parent);
}
