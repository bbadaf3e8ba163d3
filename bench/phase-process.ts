/**
 * Compares the division of a training step by its trace with its forward pass run alone, or finds what a trace costs for
 * each operator, in a process of its own: reads a request from its argument, prints the outcome as JSON.
 */
import { Graph } from '../src/engine/graph/graph.js';
import type { Value } from '../src/engine/graph/node.js';
import { add, neg, reshape } from '../src/engine/graph/ops.js';
import { elementCount, staticShape } from '../src/engine/graph/tensor.js';
import { writeModel } from '../src/engine/onnx/write-model.js';
import type { SessionOptions } from '../src/engine/runtime/session.js';
import { Session, float32Tensor } from '../src/engine/runtime/session.js';
import type { RunTrace } from '../src/engine/runtime/trace.js';
import { phaseSeconds, traced } from '../src/engine/runtime/trace.js';
import type { Repeatable, TracedPhases } from '../src/engine/training/step-times.js';
import { correctedRuns, dividedRuns, timeRuns, upperMedian } from '../src/engine/training/step-times.js';
import type { ChainedOperator, Division, NodeCost, NodeCostRequest, PhaseRequest, PhaseTimes } from './phase-times.js';
import { trainingOf } from './work.js';

/** Timed runs of each kind in a round, after one that brings its data back into the caches. */
const RUNS = 3;

async function phaseTimes({ benchCase, rounds }: PhaseRequest): Promise<PhaseTimes> {
  const [step, forward] = [trainingOf(benchCase), trainingOf(benchCase, 'forward')];
  let seconds: readonly (readonly number[])[] = [];
  let forwardRuns: readonly RunTrace[] = [];
  const stepRuns = await traced(async (stepPrefix) => {
    forwardRuns = await traced(async (forwardPrefix) => {
      const underTrace = [await step.load(stepPrefix), await forward.load(forwardPrefix)];
      const contestants = [await step.load(), await forward.load(), ...underTrace];
      seconds = await timedInTurn(contestants, rounds);
      for (const repeatable of underTrace) repeatable.endTrace();
      for (const repeatable of contestants) await repeatable.release();
    });
  });
  const [untraced = [], alone = [], clocked = [], clockedForward = []] = seconds;
  const stepSeconds = upperMedian(untraced);
  const forwardAloneSeconds = upperMedian(alone);
  const timed = counted(stepRuns);
  const written = dividedRuns(timed);
  const corrected = correctedRuns(timed, clocked, stepSeconds);
  const ofForward = correctedRuns(counted(forwardRuns), clockedForward, forwardAloneSeconds);
  return {
    stepSeconds,
    tracedStepSeconds: upperMedian(clocked),
    written: divisionOf(written),
    corrected: divisionOf(corrected),
    traceSecondsPerOperator: corrected.traceSecondsPerNode,
    besideOperatorsSeconds: corrected.besideOperatorsSeconds,
    operators: written.medianRun.length,
    forwardOperators: written.medianRun.filter(({ phase }) => phase === 'forward').length,
    forwardAloneOperators: ofForward.medianRun.length,
    forwardAloneSeconds,
    forwardAloneOperatorSeconds: ofForward.totalOperatorSeconds,
  };
}

async function timedInTurn(
  contestants: readonly Repeatable[],
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const seconds = contestants.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, repeatable] of contestants.entries()) {
      seconds[index]?.push(...(await timeRuns(repeatable, RUNS)));
    }
  }
  return seconds;
}

/** Runs that warm up are in a trace too. */
function counted(runs: readonly RunTrace[]): readonly RunTrace[] {
  return runs.filter((_, run) => run % (RUNS + 1) > 0);
}

function divisionOf({ shares, totalOperatorSeconds }: TracedPhases): Division {
  return { shares, operatorSeconds: totalOperatorSeconds };
}

/** Operators of the chain: as many as a training step of a detector has. */
const CHAIN = 4000;
/** The least of as many is disturbed by nobody, also on a busy machine. */
const CHAIN_RUNS = 100;
/** A trace holds a kilobyte for each operator. */
const TRACED_CHAIN_RUNS = 20;
/** Four axes, as most operators of a step have; and next to nothing to compute. */
const CHAINED_SHAPE = [2, 1, 2, 1];

async function nodeCost({ operator, threads }: NodeCostRequest): Promise<NodeCost> {
  const untraced = await leastChainSeconds(operator, CHAIN_RUNS, { threads });
  let clocked = NaN;
  const runs = await traced(async (tracePrefix) => {
    clocked = await leastChainSeconds(operator, TRACED_CHAIN_RUNS, { threads, tracePrefix });
  });
  return {
    operator,
    untracedSeconds: untraced / CHAIN,
    tracedSeconds: clocked / CHAIN,
    writtenSeconds: Math.min(...runs.map(totalSeconds)) / CHAIN,
  };
}

async function leastChainSeconds(operator: ChainedOperator, runs: number, options: SessionOptions): Promise<number> {
  const g = new Graph();
  const x = g.input('x', 'float32', CHAINED_SHAPE);
  let last = x;
  for (let link = 0; link < CHAIN; link++) last = linkOf(g, operator, last, link);
  // Not rewritten, as training steps are not: of two changes of sign nothing would be left.
  const session = await Session.create(writeModel({ graph: g, outputs: new Map([['last', last]]) }), options, 'none');
  const elements = elementCount(CHAINED_SHAPE);
  const feeds = { x: float32Tensor(new Float32Array(elements).fill(1), CHAINED_SHAPE) };
  const into = { last: float32Tensor(new Float32Array(elements), staticShape('last', last.shape)) };
  const run = () => session.run(feeds, into);
  const seconds = await timeRuns({ run, endTrace: () => undefined, release: () => session.release() }, runs);
  if (options.tracePrefix !== undefined) session.endTrace();
  await session.release();
  return Math.min(...seconds);
}

function linkOf(g: Graph, operator: ChainedOperator, x: Value, link: number): Value {
  switch (operator) {
    case 'Reshape':
      return reshape(g, x, link % 2 === 0 ? [1, 2, 1, 2] : CHAINED_SHAPE);
    case 'Neg':
      return neg(g, x);
    case 'Add':
      return add(g, x, g.scalar(1));
  }
}

function totalSeconds(run: RunTrace): number {
  const { forward, backward, optimizer } = phaseSeconds(run);
  return forward + backward + optimizer;
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as PhaseRequest | NodeCostRequest;
  const outcome = request.kind === 'case' ? await phaseTimes(request) : await nodeCost(request);
  process.stdout.write(JSON.stringify(outcome));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
