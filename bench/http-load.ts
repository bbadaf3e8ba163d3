import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A body that is posted, and where. */
export interface Post {
  readonly path: string;
  readonly body: object;
}

/** What a load came to; times in milliseconds. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

export interface LoadOptions {
  readonly url: string;
  readonly posts: readonly Post[];
  readonly connections: number;
  readonly seconds: number;
  /** For a file that lists the requests. */
  readonly folder: string;
}

/** As much of autocannon's report as is looked at. */
interface Report {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
}

const HEADERS = { 'content-type': 'application/json' };

/** Posts one after the other on each connection, as fast as they are answered. @throws Error where some were not answered well */
export async function load({ url, posts, connections, seconds, folder }: LoadOptions): Promise<LoadResult> {
  const archive = join(folder, 'requests.har');
  await writeFile(archive, JSON.stringify(httpArchive(url, posts)));
  const program = require.resolve('autocannon/autocannon.js');
  const args = ['--json', '--connections', String(connections), '--duration', String(seconds), '--har', archive, url];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const { requests, latency, errors, timeouts, non2xx } = JSON.parse(stdout) as Report;
  if (errors + timeouts + non2xx > 0) {
    throw new Error(`of the requests ${errors} failed, ${timeouts} took too long and ${non2xx} were refused`);
  }
  return { requestsPerSecond: requests.average, p50: latency.p50, p99: latency.p99 };
}

/** http://www.softwareishard.com/blog/har-12-spec/ */
function httpArchive(url: string, posts: readonly Post[]): object {
  const headers = Object.entries(HEADERS).map(([name, value]) => ({ name, value }));
  const entries = posts.map(({ path, body }) => ({
    request: { method: 'POST', url: url + path, headers, postData: { text: JSON.stringify(body) } },
  }));
  return { log: { entries } };
}

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** From the first byte of the request to the last of the answer. */
  readonly milliseconds: number;
}

/** One connection that stays open. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  async post({ path, body }: Post): Promise<Answer> {
    const text = JSON.stringify(body);
    const headers = { ...HEADERS, 'content-length': Buffer.byteLength(text) };
    const begun = performance.now();
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method: 'POST', agent: this.agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const milliseconds = performance.now() - begun;
          const answer = JSON.parse(Buffer.concat(chunks).toString()) as Answer['body'];
          resolve({ status: response.statusCode ?? 0, body: answer, milliseconds });
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
