/**
 * How long graphs take to build and to lower, each in a fresh process, and how long it takes until a training step of
 * a large network could be run. Run it with `npm run bench:graphs -- --help`.
 */
import { parseArgs } from 'node:util';

import { architectures } from '../src/engine/zoo/catalogue.js';
import type { BenchCase } from './bench-case.js';
import { benchCase, caseLabel } from './bench-case.js';
import { outcomeOf } from './child.js';
import type { GraphRequest, GraphTimes, ReadyTime } from './graph-times.js';
import { GRAPH_STAGES } from './graph-times.js';
import { runMain } from './run-main.js';

const USAGE = `npm run bench:graphs -- [ARCHITECTURE ...] [options]

  ARCHITECTURE   by torchvision's name; default all of the catalogue
  --ready NAME   whose training step is loaded; default fasterrcnn_resnet50_fpn
  --runs N       processes, of which the fastest counts: others on the machine only ever make it slower; default 3

Exits with 1 when a goal is missed.`;

const GRAPH_GOAL_SECONDS = 0.3;
const READY_GOAL_SECONDS = 2;

function caseOf(name: string, weightsBackbone?: 'default' | 'none'): BenchCase {
  const description = architectures.get(name);
  if (!description) throw new RangeError(`there is no architecture "${name}"`);
  return benchCase(description, weightsBackbone ? { weightsBackbone } : {});
}

async function outcomes<Outcome>(kind: GraphRequest['kind'], wanted: BenchCase, runs: number): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (let run = 0; run < runs; run++)
    found.push(await outcomeOf<Outcome>('graph-process', { kind, benchCase: wanted }));
  return found;
}

/** Prints the milliseconds of each stage; the slowest of them in seconds. */
async function graphSeconds(wanted: BenchCase, runs: number): Promise<number> {
  const times = await outcomes<GraphTimes>('graphs', wanted, runs);
  const fastest = GRAPH_STAGES.map((stage) => Math.min(...times.map(({ seconds }) => seconds[stage])));
  const cells = fastest.map((seconds, index) => (1000 * seconds).toFixed(0).padStart(GRAPH_STAGES[index]?.length ?? 0));
  const nodes = String(times[0]?.trainingNodes ?? NaN).padStart(6);
  console.log(`${cells.join('  ')}  ${nodes}  ${wanted.architecture} (${wanted.options.weightsBackbone})`);
  return Math.max(...fastest);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ready: { type: 'string', default: 'fasterrcnn_resnet50_fpn' },
      runs: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new RangeError(`--runs needs a whole number from 1, not ${values.runs}`);
  const names = positionals.length > 0 ? positionals : [...architectures.keys()];
  const cases = names.flatMap((name) => (architectures.get(name)?.variants ?? [undefined]).map((v) => caseOf(name, v)));
  const readyCase = caseOf(values.ready);
  const missed: string[] = [];

  console.log(`milliseconds, the fastest of ${runs}\n${GRAPH_STAGES.join('  ')}   nodes  architecture`);
  for (const wanted of cases) {
    const slowest = await graphSeconds(wanted, runs);
    if (slowest > GRAPH_GOAL_SECONDS) missed.push(caseLabel(wanted));
  }
  const readySeconds = Math.min(
    ...(await outcomes<ReadyTime>('ready', readyCase, runs)).map((outcome) => outcome.readySeconds),
  );
  console.log(`training step ready after ${readySeconds.toFixed(2)} s: ${caseLabel(readyCase)}`);
  if (readySeconds > READY_GOAL_SECONDS) missed.push(`ready: ${caseLabel(readyCase)}`);
  console.log(
    `goals, ${1000 * GRAPH_GOAL_SECONDS} ms a graph and ${READY_GOAL_SECONDS} s until ready: ` +
      (missed.length === 0 ? 'met' : `missed by\n  ${missed.join('\n  ')}`),
  );
  return missed.length === 0 ? 0 : 1;
}

runMain(main, USAGE);
