import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { OwnProcessReader } from '../../../src/monitoring/own-process-reader.js';
import { openProcessReader, ProcProcessReader } from '../../../src/monitoring/proc-process-reader.js';

const onLinux = process.platform === 'linux' ? describe : describe.skip;

const ALLOCATED_BYTES = 100_000_000;
const WASM_PAGE_BYTES = 65_536;
/** Known to every engine of JavaScript, but to no library of types that this project uses. */
const { WebAssembly: webAssembly } = globalThis as unknown as {
  WebAssembly: { Memory: new (pages: { initial: number }) => { readonly buffer: ArrayBuffer } };
};
/** Keeps a thread busy until the process has used 100 ms more CPU time. */
const BUSY_WORKER = `
  const used = () => { const { user, system } = process.cpuUsage(); return user + system; };
  const begun = used();
  while (used() - begun < 100_000);
  require('node:worker_threads').parentPort.postMessage('done');
  setInterval(() => undefined, 60_000);
`;

describe('OwnProcessReader', () => {
  it('sees memory that is taken and CPU time that is used', () => {
    const reader = new OwnProcessReader();
    const before = reader.read();
    // Mapped anew, where a buffer may get memory that an earlier test has freed.
    const taken = new webAssembly.Memory({ initial: Math.ceil(ALLOCATED_BYTES / WASM_PAGE_BYTES) }).buffer;
    new Uint8Array(taken).fill(1);
    const after = reader.read();
    reader.close();
    expect(after.rssBytes - before.rssBytes).toBeGreaterThan(0.9 * taken.byteLength);
    expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
  });
});

onLinux('OwnProcessReader on Linux', () => {
  it('forgets an earlier peak when it is reset', () => {
    const reader = new OwnProcessReader();
    // Outside of the JavaScript heap, and given back to the system at once when it is freed.
    const taken = new SharedArrayBuffer(ALLOCATED_BYTES);
    new Uint8Array(taken).fill(1);
    const high = reader.read();
    expect(high.peakRssBytes).toBeGreaterThanOrEqual(high.rssBytes);
    expect(reader.resetPeak()).toBe(true);
    const { rssBytes, peakRssBytes } = reader.read();
    reader.close();
    expect(Math.abs((peakRssBytes ?? 0) - rssBytes)).toBeLessThan(0.1 * ALLOCATED_BYTES);
  });
});

onLinux('ProcProcessReader', () => {
  it('sees what another process says of itself', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(process.memoryUsage.rss()); setInterval(() => {}, 1e5)']);
    const [printed] = (await once(child.stdout, 'data')) as [Buffer];
    const reader = new ProcProcessReader(child.pid ?? 0);
    const [reading, rssBytes] = [reader.read(), reader.readRssBytes()];
    child.kill();
    await once(child, 'close');
    const afterwards = [reader.read(), reader.readRssBytes()];
    reader.close();
    const saidBytes = Number(printed.toString());
    expect(Math.abs((reading?.rssBytes ?? 0) - saidBytes)).toBeLessThan(0.2 * saidBytes);
    expect(reading?.cpuSeconds).toBeGreaterThan(0.005);
    expect(Math.abs((rssBytes ?? 0) - saidBytes)).toBeLessThan(0.2 * saidBytes);
    expect(afterwards).toEqual([null, null]);
  });

  it('counts the CPU time of all threads, and keeps that of threads that ended', async () => {
    const outside = new ProcProcessReader(process.pid);
    const own = new OwnProcessReader();
    const used = (): [number, number] => [outside.read()?.cpuSeconds ?? 0, own.read().cpuSeconds];
    const [outsideBefore, ownBefore] = used();
    const worker = new Worker(BUSY_WORKER, { eval: true });
    await once(worker, 'message');
    const [outsideWhileAlive, ownWhileAlive] = used();
    await worker.terminate();
    const [outsideAfterwards] = used();
    outside.close();
    own.close();
    expect(ownWhileAlive - ownBefore).toBeGreaterThanOrEqual(0.1);
    expect((outsideWhileAlive - outsideBefore) / (ownWhileAlive - ownBefore)).toBeGreaterThan(0.7);
    expect(outsideAfterwards).toBeGreaterThanOrEqual(outsideWhileAlive);
  });
});

describe('openProcessReader', () => {
  it('gives nothing for a process that does not exist', () => {
    // The largest process number of Linux is 2^22.
    expect(openProcessReader(2 ** 23)).toBeNull();
  });
});
