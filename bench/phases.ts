/**
 * Whether a step is divided rightly by its trace: the forward pass run alone beside the trace's share of it, traced beside
 * untraced steps, and what a trace costs for each operator. Run it with `npm run bench:phases -- --help`.
 */
import { parseArgs } from 'node:util';

import { architectures } from '../src/engine/zoo/catalogue.js';
import { benchCase, caseLabel } from './bench-case.js';
import { busyShare } from './busy-share.js';
import { outcomeOf } from './child.js';
import type { ChainedOperator, Division, NodeCost, NodeCostRequest, PhaseRequest, PhaseTimes } from './phase-times.js';
import { FORWARD_GOAL, TOTAL_GOAL, verdict } from './phase-times.js';
import { runMain } from './run-main.js';
import { UsageError, wholeNumber } from './step-options.js';

const USAGE = `npm run bench:phases -- [ARCHITECTURE ...] [options]

  ARCHITECTURE   by torchvision's name; default all of the catalogue
  --rounds N     in which steps with and without a trace and forward passes alone take turns; default 5
  --threads N    default 2
  --quick        small images, one round: whether everything goes through

Exits with 1 when a goal is missed, with 2 when it was asked for wrongly.`;

const CHAINED: readonly ChainedOperator[] = ['Reshape', 'Neg', 'Add'];

const milliseconds = (seconds: number): string => (1e3 * seconds).toFixed(1);
const microseconds = (seconds: number): string => (1e6 * seconds).toFixed(2);
const signed = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`;

async function printNodeCosts(threads: number): Promise<void> {
  console.log('microseconds for an operator that computes next to nothing, the least of many runs:');
  for (const operator of CHAINED) {
    const request: NodeCostRequest = { kind: 'node-cost', operator, threads };
    const cost = await outcomeOf<NodeCost>('phase-process', request);
    console.log(
      `  ${operator.padEnd(7)}  without a trace ${microseconds(cost.untracedSeconds)}, ` +
        `with one ${microseconds(cost.tracedSeconds)}, of which it writes down ${microseconds(cost.writtenSeconds)}`,
    );
  }
}

function printCase(label: string, times: PhaseTimes): boolean {
  const { stepSeconds, tracedStepSeconds, forwardAloneSeconds, operators } = times;
  console.log(
    `\n${label}\n` +
      `  step ${milliseconds(stepSeconds)} ms, traced ${milliseconds(tracedStepSeconds)} ms by the clock; ` +
      `${operators} operators, of each ${microseconds(times.traceSecondsPerOperator)} us are the trace's own, and ` +
      `${milliseconds(times.besideOperatorsSeconds)} ms beside them\n` +
      `  forward pass alone ${milliseconds(forwardAloneSeconds)} ms, ` +
      `${milliseconds(times.forwardAloneOperatorSeconds)} ms by its own trace, with ${times.forwardAloneOperators} operators; ` +
      `${times.forwardOperators} of the step's are forward`,
  );
  printDivision('as written  ', times, times.written);
  return printDivision('as corrected', times, times.corrected);
}

/** @returns whether it meets the goals */
function printDivision(name: string, times: PhaseTimes, division: Division): boolean {
  const { forwardDifference, totalDifference, meetsGoals } = verdict(times, division);
  console.log(
    `  ${name}  forward share ${milliseconds(division.shares.forward * times.stepSeconds)} ms: ${signed(forwardDifference)} of alone; ` +
      `operators ${milliseconds(division.operatorSeconds)} ms, with what is beside them ${signed(totalDifference)} of the step; ${meetsGoals ? 'met' : 'MISSED'}`,
  );
  return meetsGoals;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string', default: '2' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const threads = wholeNumber('threads', values.threads);
  const rounds = values.quick ? 1 : wholeNumber('rounds', values.rounds);
  const names = positionals.length > 0 ? positionals : [...architectures.keys()];
  const cases = names.map((name) => {
    const description = architectures.get(name);
    if (!description) throw new UsageError(`there is no architecture "${name}"`);
    return benchCase(description, { threads, quick: values.quick });
  });
  const missed: string[] = [];

  console.log(`others use ${(100 * (await busyShare())).toFixed(0)} % of the machine's processors`);
  await printNodeCosts(threads);
  for (const wanted of cases) {
    const request: PhaseRequest = { kind: 'case', benchCase: wanted, rounds };
    const times = await outcomeOf<PhaseTimes>('phase-process', request);
    if (!printCase(caseLabel(wanted), times)) missed.push(caseLabel(wanted));
  }
  console.log(
    `\ngoals, as corrected: forward share within ${100 * FORWARD_GOAL} % of the forward pass alone, the step's total by its trace within ` +
      `${100 * TOTAL_GOAL} % of an untraced one: ${missed.length === 0 ? 'met' : `missed by\n  ${missed.join('\n  ')}`}`,
  );
  return missed.length === 0 ? 0 : 1;
}

runMain(main, USAGE);
