import { readdir, readFile } from 'node:fs/promises';

/** Processes by the one that started them, and whose command holds a text; Linux only. */
export async function childrenOf(parent: number, command = ''): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const found = await Promise.all(
    pids.map(async (pid) => (await parentOf(pid)) === parent && (await textOf(pid, 'cmdline')).includes(command)),
  );
  return pids.filter((_, index) => found[index]);
}

/** One that has ended, but that nobody waited for yet, does nothing any more. */
export async function isAlive(pid: number): Promise<boolean> {
  const state = (await fieldsOf(pid))[0];
  return state !== undefined && state !== 'Z' && state !== 'X';
}

async function parentOf(pid: number): Promise<number> {
  return Number((await fieldsOf(pid))[1]);
}

/** State, parent and so on: what follows a name in brackets that may hold anything, proc_pid_stat(5). */
async function fieldsOf(pid: number): Promise<string[]> {
  const text = await textOf(pid, 'stat');
  return text === '' ? [] : (text.split(') ').at(-1)?.split(' ') ?? []);
}

async function textOf(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${String(pid)}/${file}`, 'utf8').catch(() => '');
}
