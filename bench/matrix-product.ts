import { Graph } from '../src/engine/graph/graph.js';
import { matMul } from '../src/engine/graph/ops.js';
import { writeModel } from '../src/engine/onnx/write-model.js';
import { Session, float32Tensor } from '../src/engine/runtime/session.js';
import { fillTensor } from '../src/engine/synthetic/fill.js';
import { timeRuns, upperMedian } from '../src/engine/training/step-times.js';

/** The machine's own rate, in multiply-accumulates a second: that of a product of two square matrices of side `size`. */
export async function matrixProductRate(size: number, threads: number): Promise<number> {
  const graph = new Graph();
  const [a, b] = [graph.input('a', 'float32', [size, size]), graph.input('b', 'float32', [size, size])];
  // In place, or the time of copying the result would be part of the rate.
  const model = writeModel({ graph, outputs: new Map([['y', matMul(graph, a, b)]]), outputsInPlace: true });
  const session = await Session.create(model, { threads });
  const tensor = (name: string) => float32Tensor(fillTensor(name, [size, size], 0), [size, size]);
  const feeds = { a: tensor('a'), b: tensor('b') };
  const into = { y: tensor('y') };
  const repeatable = {
    run: () => session.run(feeds, into),
    endTrace: () => undefined,
    release: () => session.release(),
  };
  const seconds = upperMedian(await timeRuns(repeatable, 3));
  await session.release();
  return size ** 3 / seconds;
}
