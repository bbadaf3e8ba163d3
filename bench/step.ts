/**
 * How fast a training step and an inference are: in seconds, as a share of the machine's own rate of matrix products,
 * and, where a Python with torch is at hand, against PyTorch. All that is compared runs in turn, round by round, so that
 * ratios hold on a machine that others use too. Run it with `npm run bench:step -- --help`.
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';

import { multiplyAccumulates } from '../src/engine/graph/costs.js';
import { Graph } from '../src/engine/graph/graph.js';
import { matMul } from '../src/engine/graph/ops.js';
import { writeModel } from '../src/engine/onnx/write-model.js';
import { fillTensor } from '../src/engine/synthetic/fill.js';
import { Session, float32Tensor } from '../src/engine/runtime/session.js';
import { operatorSeconds } from '../src/engine/runtime/trace.js';
import { Inference } from '../src/engine/training/inference.js';
import { buildInferenceGraph } from '../src/engine/training/inference-graph.js';
import { syntheticBatch } from '../src/engine/training/synthetic-batch.js';
import { timeRuns, tracePhases, upperMedian } from '../src/engine/training/step-times.js';
import { buildTrainingGraph } from '../src/engine/training/training-graph.js';
import { TrainingStep } from '../src/engine/training/training-step.js';
import { hasMasks } from '../src/engine/zoo/architecture.js';
import { architectureNamed, architectures } from '../src/engine/zoo/catalogue.js';

const USAGE = `npm run bench:step -- [ARCHITECTURE] [options]

  ARCHITECTURE            default ssdlite320_mobilenet_v3_large
  --weights-backbone V    default or none; default none
  --batch N               default 8
  --image-size HxW        default 320x320
  --objects N             default 7
  --positives N           regions of an image that train as an object, for networks with masks; default as many as
                          objects, which is what proposals by random weights come to
  --rounds N              default 5
  --runs N                timed steps and inferences a round; default 3
  --threads N             default 2
  --matrix N              side of the matrices of the machine's own rate; default 4096
  --python FILE           default /usr/bin/python3; without torch there, no comparison is made
  --operators N           operators listed, slowest first; default 15`;

const REFERENCE = 'bench/reference/torch_reference.py';
const LEARNING_RATE = 1e-6;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'weights-backbone': { type: 'string', default: 'none' },
    batch: { type: 'string', default: '8' },
    'image-size': { type: 'string', default: '320x320' },
    objects: { type: 'string', default: '7' },
    positives: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    runs: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    matrix: { type: 'string', default: '4096' },
    python: { type: 'string', default: '/usr/bin/python3' },
    operators: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  },
});

interface Times {
  readonly forward: number;
  readonly backward: number;
  readonly optimizer: number;
  readonly inference: number;
  readonly peakRssMebibytes: number;
}

interface ReferenceDocument {
  readonly seconds: Omit<Times, 'peakRssMebibytes'>;
  readonly peak_rss_mib: number;
}

const threads = Number(values.threads);

/** Seconds of one product of two square matrices of side `size`. */
async function matrixProduct(size: number): Promise<() => Promise<number>> {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', [size, size]), graph.input('b', 'float32', [size, size])];
  const model = writeModel({ graph, outputs: new Map([['y', matMul(graph, a, b)]]) });
  const session = await Session.create(model, { threads });
  const tensor = (name: string) => float32Tensor(fillTensor(name, [size, size], 0), [size, size]);
  const feeds = { a: tensor('a'), b: tensor('b') };
  const into = { y: tensor('y') };
  return async () => {
    const [seconds = NaN] = await timeRuns(
      { run: () => session.run(feeds, into), endTrace: () => undefined, release: () => session.release() },
      1,
    );
    return seconds;
  };
}

async function hasTorch(): Promise<boolean> {
  try {
    await promisify(execFile)(values.python, ['-c', 'import torch, torchvision']);
    return true;
  } catch {
    return false;
  }
}

async function referenceTimes(architecture: string, size: readonly string[]): Promise<Times> {
  const { stdout } = await promisify(execFile)(
    values.python,
    [REFERENCE, architecture, '--weights-backbone', values['weights-backbone'], '--batch', values.batch]
      .concat(['--image-size', ...size, '--objects', values.objects, '--threads', values.threads])
      .concat(['--time', values.runs]),
    { maxBuffer: 2 ** 26 },
  );
  const document = JSON.parse(stdout) as ReferenceDocument;
  return { ...document.seconds, peakRssMebibytes: document.peak_rss_mib };
}

function show(label: string, seconds: readonly number[]): void {
  const sorted = [...seconds].sort((a, b) => a - b);
  const figure = (value: number | undefined): string => (value ?? NaN).toFixed(4);
  console.log(
    `${label.padEnd(34)} ${figure(upperMedian(sorted))} s   (${figure(sorted[0])} to ${figure(sorted.at(-1))})`,
  );
}

function ratio(label: string, ours: readonly number[], theirs: readonly number[]): void {
  const ratios = ours.map((value, round) => value / (theirs[round] ?? NaN)).sort((a, b) => a - b);
  const figure = (value: number | undefined): string => (value ?? NaN).toFixed(2);
  console.log(
    `${label.padEnd(34)} ${figure(upperMedian(ratios))}     (${figure(ratios[0])} to ${figure(ratios.at(-1))}, round by round)`,
  );
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [name = 'ssdlite320_mobilenet_v3_large'] = positionals;
  const defaults = architectures.get(name)?.defaults;
  const weightsBackbone = values['weights-backbone'];
  if (!defaults || (weightsBackbone !== 'none' && weightsBackbone !== 'default')) throw new Error(USAGE);
  const options = { ...defaults, weightsBackbone } as const;
  const [height = 0, width = 0] = values['image-size'].split('x').map(Number);
  const [batch, objects, rounds, runs] = [values.batch, values.objects, values.rounds, values.runs].map(Number);
  if (!batch || !objects || !rounds || !runs || !height || !width) throw new Error(USAGE);

  const architecture = architectureNamed(name);
  const shape = { batchSize: batch, imageSize: [height, width], objectsPerImage: objects } as const;
  // PyTorch computes masks of the positives alone; this engine of as many regions as are asked for.
  const planted = hasMasks(architecture) ? { positivesPerImage: Number(values.positives ?? objects) } : null;
  const training = buildTrainingGraph(architecture, options, shape, planted, 'on');
  const inferenceGraph = buildInferenceGraph(architecture, options, batch, [height, width], null);
  const synthetic = { batch, imageSize: [height, width], seed: 0 } as const;
  const data = syntheticBatch(architecture, options.numClasses, synthetic, objects);
  const initialize = ({ name: tensor, shape: sizes }: { name: string; shape: readonly number[] }): Float32Array =>
    fillTensor(tensor, sizes, 0);
  const load = async (tracePrefix?: string) => {
    const sessionOptions = tracePrefix === undefined ? { threads } : { threads, tracePrefix };
    const step = await TrainingStep.create(training, 'updates', data, initialize, sessionOptions);
    return { run: () => step.run(LEARNING_RATE), endTrace: () => step.endTrace(), release: () => step.release() };
  };

  const step = await load();
  await timeRuns(step, 2);
  const peakRssMebibytes = process.resourceUsage().maxRSS / 1024;
  const inference = await Inference.create(inferenceGraph, data.images, initialize, { threads });
  const product = await matrixProduct(Number(values.matrix));
  const withTorch = await hasTorch();

  const [products, steps, inferences]: [number[], number[], number[]] = [[], [], []];
  const references: Times[] = [];
  for (let round = 0; round < rounds; round++) {
    products.push(await product());
    steps.push(upperMedian(await timeRuns(step, runs)));
    inferences.push(upperMedian(await timeRuns(inference, runs)));
    if (withTorch) references.push(await referenceTimes(name, [String(height), String(width)]));
  }
  await step.release();
  const { shares, lastRun } = await tracePhases(load, 3);

  const forwardMultiplyAccumulates = multiplyAccumulates(inferenceGraph.graph);
  const stepMultiplyAccumulates = multiplyAccumulates(training.graph, ['forward', 'backward']);
  console.log(
    `${name} (${weightsBackbone}), batch ${batch} at ${height}x${width}, ${threads} threads, ${rounds} rounds`,
  );
  show('training step', steps);
  for (const phase of ['forward', 'backward', 'optimizer'] as const) {
    show(
      `  ${phase}`,
      steps.map((seconds) => seconds * shares[phase]),
    );
  }
  show('inference', inferences);
  const rate = (count: number, seconds: number): number => (2 * count) / seconds / 1e9;
  const machine = products.map((seconds) => rate(Number(values.matrix) ** 3, seconds));
  console.log(`machine, MatMul ${values.matrix} cubed: ${upperMedian(machine).toFixed(0)} GFLOP/s`);
  const shareOf = (count: number, seconds: readonly number[]): string =>
    (100 * upperMedian(seconds.map((value, round) => rate(count, value) / (machine[round] ?? NaN)))).toFixed(1);
  console.log(
    `  training step: ${(stepMultiplyAccumulates / 1e9).toFixed(2)} billion multiply-accumulates, ${shareOf(stepMultiplyAccumulates, steps)} % of that rate`,
  );
  console.log(
    `  inference: ${(forwardMultiplyAccumulates / 1e9).toFixed(2)} billion, ${shareOf(forwardMultiplyAccumulates, inferences)} %`,
  );
  if (references.length > 0) {
    const their = (key: keyof Times): number[] => references.map((times) => times[key]);
    const theirSteps = references.map((times) => times.forward + times.backward + times.optimizer);
    console.log('PyTorch');
    show('training step', theirSteps);
    for (const phase of ['forward', 'backward', 'optimizer'] as const) show(`  ${phase}`, their(phase));
    show('inference', their('inference'));
    console.log('ratio, this engine over PyTorch');
    ratio('training step', steps, theirSteps);
    ratio('inference', inferences, their('inference'));
    console.log(
      `peak memory: ${peakRssMebibytes.toFixed(0)} MiB, PyTorch ${upperMedian(their('peakRssMebibytes')).toFixed(0)} MiB`,
    );
  } else {
    console.log(`no comparison with PyTorch: ${values.python} has no torch`);
    console.log(`peak memory: ${peakRssMebibytes.toFixed(0)} MiB`);
  }
  console.log('what takes the time, by the trace of one step');
  const total = lastRun.reduce((sum, node) => sum + node.seconds, 0);
  for (const { phase, operator, count, seconds } of operatorSeconds(lastRun).slice(0, Number(values.operators))) {
    const share = ((100 * seconds) / total).toFixed(1).padStart(5);
    console.log(`  ${share} %  ${phase.padEnd(9)} ${operator} (${count} nodes)`);
  }
}

void main();
