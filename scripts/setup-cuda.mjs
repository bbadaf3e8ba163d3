// `npm run setup:cuda`: fetches onnxruntime's CUDA libraries, which its package leaves out for their size, and shows
// whether a network can be computed with them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { prepare, service } from './prepare.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

prepare(service);

if (process.platform !== 'linux' || process.arch !== 'x64') {
  fail(
    `onnxruntime offers CUDA libraries for Linux on x64 alone; this is ${process.platform} on ${process.arch}. ` +
      'Runtime "pytorch" computes on GPUs wherever its torch does.',
  );
}

console.error("Fetching onnxruntime's libraries for CUDA 12 from NuGet, some 300 MB ...");
const script = path.join(root, 'node_modules/onnxruntime-node/script/install.js');
const { status, signal, error } = spawnSync(process.execPath, [script], {
  cwd: root,
  // .npmrc keeps npm from running it, and from an npm script it does nothing unless it is told so.
  env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
  stdio: ['ignore', process.stderr, 'inherit'],
});
// It ends with code 0 also where its connection was closed before it had an answer.
const library = path.join(root, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so');
if (status !== 0 || !existsSync(library)) {
  fail(
    `The libraries could not be fetched (${error?.message ?? signal ?? `code ${String(status)}`}); see above. They come from https://api.nuget.org: ` +
      'is there a network, and is a proxy named in GLOBAL_AGENT_HTTPS_PROXY where one is needed? On another machine with a network, ' +
      'run this command and copy its node_modules/onnxruntime-node/bin here.',
  );
}

const probing = /** @type {typeof import('../src/runtimes/probe-device.js')} */ (
  await load('runtimes/probe-device.js')
);
const advising = /** @type {typeof import('../src/runtimes/cuda-advice.js')} */ (await load('runtimes/cuda-advice.js'));
const reason = await probing.probeDevice(probing.DEFAULT_PROBE_PROGRAM, 'cuda:0');
if (reason !== null) {
  fail(
    `The libraries are there, but onnxruntime computes nothing on cuda:0: ${reason}. ${advising.cudaAdvice(reason)}`,
  );
}
console.error('onnxruntime computes on cuda:0. Start the service again, and ask with "device": "cuda:0".');

/**
 * @param {string} file below dist/
 * @returns {Promise<unknown>}
 */
async function load(file) {
  return import(new URL(`../dist/${file}`, import.meta.url).href);
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  console.error(text);
  process.exit(1);
}
