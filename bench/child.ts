import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a program of this folder on a request, in a process of its own. @returns what it prints, as JSON */
export async function outcomeOf<Outcome>(program: string, request: object): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(__dirname, `${program}.js`), JSON.stringify(request)],
    { maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout) as Outcome;
}

/** What went wrong: of a process the last line that it said, for Node's own words repeat the command. */
export function reasonOf(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string };
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return said === '' ? message : said;
}
