import { Graph } from '../../../src/engine/graph/graph.js';
import { peakTemporaryBytes } from '../../../src/engine/graph/liveness.js';
import { add, cast, concat, exp, greater, reduceSum, relu, reshape } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';

const KIB = 1024;

/** A graph with an input of 1 KiB. */
function withInput(): { g: Graph; x: ReturnType<Graph['input']> } {
  const g = new Graph();
  return { g, x: g.input('x', 'float32', [256]) };
}

describe('peak of temporary bytes', () => {
  test('of a chain is the two tensors of the node that runs', () => {
    const { g, x } = withInput();
    const y = relu(g, exp(g, relu(g, exp(g, x))));
    expect(peakTemporaryBytes(g, [y])).toBe(2 * KIB);
  });

  test('holds what a later node still reads', () => {
    const { g, x } = withInput();
    const kept = exp(g, x);
    const y = add(g, relu(g, exp(g, relu(g, kept))), kept);
    expect(peakTemporaryBytes(g, [y])).toBe(3 * KIB);
  });

  test('leaves out inputs, constants and outputs', () => {
    const { g, x } = withInput();
    const [a, b] = [exp(g, x), concat(g, [x, g.constant('float32', [256], new Float32Array(256))], 0)];
    expect(peakTemporaryBytes(g, [a, b])).toBe(0);
    expect(peakTemporaryBytes(g, [a])).toBe(2 * KIB);
  });

  test('frees at once what nobody reads', () => {
    const { g, x } = withInput();
    const outputs = g.ops('TopK', [x, g.int64([256])], { axis: 0, largest: 1, sorted: 1 });
    add(g, relu(g, at(outputs, 0)), x);
    // Values and indices, 8 bytes each; the indices are gone when the next node runs.
    expect(peakTemporaryBytes(g, [])).toBe(KIB + 2 * KIB);
  });

  test('counts a reshaped tensor once, and for as long as either form is read', () => {
    const { g, x } = withInput();
    const flat = exp(g, x);
    const square = reshape(g, flat, [16, 16]);
    const wide = relu(g, exp(g, relu(g, flat)));
    const y = add(g, reshape(g, square, [256]), wide);
    expect(peakTemporaryBytes(g, [y])).toBe(3 * KIB);
  });

  test('takes no memory for a reshaped input', () => {
    const { g, x } = withInput();
    const y = relu(g, exp(g, reshape(g, x, [16, 16])));
    expect(peakTemporaryBytes(g, [y])).toBe(KIB);
  });

  test('goes by the element type', () => {
    const { g, x } = withInput();
    greater(g, x, x);
    expect(peakTemporaryBytes(g, [])).toBe(256);
    cast(g, x, 'float64');
    expect(peakTemporaryBytes(g, [])).toBe(2 * KIB);
  });

  test('leaves out what only the run can size', () => {
    const g = new Graph();
    const boxes = g.input('boxes', 'float32', [1, 64, 4]);
    const scores = g.input('scores', 'float32', [1, 1, 64]);
    g.op('NonMaxSuppression', [boxes, scores], { center_point_box: 0 });
    expect(peakTemporaryBytes(g, [])).toBe(0);
  });

  test('of a sum does not shrink with the result', () => {
    const { g, x } = withInput();
    expect(peakTemporaryBytes(g, [reduceSum(g, exp(g, x), [0])])).toBe(KIB);
  });
});
