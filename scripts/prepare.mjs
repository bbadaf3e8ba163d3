// Makes a checkout ready to run. Node and npm are all that may be assumed, so only Node's own modules are imported, and
// the syntax stays within what old versions of Node can read, so that they too can say which version is needed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * What is compiled from what. A build is current while its inputs hash to what its marker holds: times of files say too
 * little, for `git checkout` sets them and a deleted file leaves none.
 *
 * @typedef {{ inputs: string[], marker: string, compiler: string[], copies?: [from: string, to: string][] }} Build
 */

const compilerInputs = ['tsconfig.json', 'package-lock.json', 'src'];

/** @type {Build} */
export const service = {
  inputs: [...compilerInputs, 'tsconfig.build.json', 'nest-cli.json'],
  marker: 'dist/.inputs',
  compiler: ['@nestjs/cli/bin/nest.js', 'build'],
};

/** @type {Build} */
export const benches = {
  inputs: [...compilerInputs, 'bench'],
  marker: 'dist/bench/.inputs',
  compiler: ['typescript/bin/tsc', '-p', 'bench'],
  // What is no TypeScript the compiler leaves where it is.
  copies: [['src/runtimes/pytorch.py', 'dist/bench/src/runtimes/pytorch.py']],
};

/**
 * Installs and builds what is missing or out of date. Says so on stderr, as stdout may be the output of a command; ends
 * the process with one sentence where that fails.
 *
 * @param {Build} build
 */
export function prepare(build) {
  requireSupportedNode();
  if (!isInstalled()) install();
  const inputs = hashOf(build.inputs);
  if (isCurrent(build, inputs)) return;
  say('Building ...');
  const [script = '', ...args] = build.compiler;
  if (!run(process.execPath, [path.join(root, 'node_modules', script), ...args])) fail('The build failed; see above.');
  for (const [from, to] of build.copies ?? []) copyFileSync(path.join(root, from), path.join(root, to));
  writeFileSync(path.join(root, build.marker), inputs);
}

/**
 * Runs a compiled module in this process, which thereby gets the terminal's signals itself.
 *
 * @param {string} file below dist/
 */
export async function runBuilt(file) {
  await import(new URL(`../dist/${file}`, import.meta.url).href);
}

function requireSupportedNode() {
  const wanted = readJson('package.json').engines.node.replace('>=', '');
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(`Node.js ${wanted} or newer is needed; this is ${process.versions.node}.`);
}

/**
 * npm writes its account of node_modules when it has finished, so an interrupted install has none. Optional packages
 * are those of other platforms.
 */
function isInstalled() {
  const account = 'node_modules/.package-lock.json';
  if (!existsSync(path.join(root, account))) return false;
  const installed = readJson(account).packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([name, wanted]) => name === '' || wanted.optional === true || installed[name]?.version === wanted.version,
  );
}

function install() {
  say('Installing dependencies ...');
  // The compiler and the tests are development dependencies: NODE_ENV=production must not leave them out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  // The very npm that was called, where one was: what `npm` means on the path may be another.
  const done =
    npm && path.basename(npm).startsWith('npm') ? run(process.execPath, [npm, ...args]) : run('npm', args, isWindows());
  if (!done) fail('`npm ci` failed; see above.');
}

/**
 * @param {Build} build
 * @param {string} inputs
 */
function isCurrent(build, inputs) {
  const marker = path.join(root, build.marker);
  return existsSync(marker) && readFileSync(marker, 'utf8') === inputs;
}

/** @param {string[]} inputs files and folders */
function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap(filesBelow)) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\n${String(content.length)}\n`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} relative
 * @returns {string[]} sorted
 */
function filesBelow(relative) {
  const absolute = path.join(root, relative);
  if (!statSync(absolute).isDirectory()) return [relative];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => filesBelow(path.join(relative, name)));
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {boolean} [shell] npm is a script on Windows, which only a shell runs
 */
function run(command, args, shell = false) {
  // An interrupt reaches the command too. npm then clears away what it has begun: a second install must not meet that.
  const awaitEnd = () => undefined;
  process.on('SIGINT', awaitEnd);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    shell,
    stdio: ['ignore', process.stderr, 'inherit'],
  });
  process.off('SIGINT', awaitEnd);
  if (error) say(`${command}: ${error.message}`);
  return status === 0;
}

function isWindows() {
  return process.platform === 'win32';
}

/**
 * @typedef {{ version: string, optional?: boolean }} Package
 * @typedef {{ engines: { node: string }, packages: Record<string, Package> }} Manifest
 * @param {string} file a manifest or a lockfile
 */
function readJson(file) {
  /** @type {unknown} */
  const content = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  return /** @type {Manifest} */ (content);
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}

/**
 * @param {string} text
 * @returns {never}
 */
function fail(text) {
  say(text);
  process.exit(1);
}
