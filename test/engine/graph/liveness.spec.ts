import { Graph } from '../../../src/engine/graph/graph.js';
import { peakLiveBytes } from '../../../src/engine/graph/liveness.js';
import { add, cast, concat, exp, greater, reduceSum, relu, reshape } from '../../../src/engine/graph/ops.js';
import { at } from '../../../src/engine/graph/tensor.js';

const KIB = 1024;

/** A graph with an input of 1 KiB. */
function withInput(): { g: Graph; x: ReturnType<Graph['input']> } {
  const g = new Graph();
  return { g, x: g.input('x', 'float32', [256]) };
}

describe('peak of live bytes', () => {
  test('of a chain is the input, and the two tensors of the node that runs', () => {
    const { g, x } = withInput();
    const y = relu(g, exp(g, relu(g, exp(g, x))));
    expect(peakLiveBytes(g, [y])).toBe(3 * KIB);
  });

  test('holds what a later node still reads', () => {
    const { g, x } = withInput();
    const kept = exp(g, x);
    const y = add(g, relu(g, exp(g, relu(g, kept))), kept);
    expect(peakLiveBytes(g, [y])).toBe(4 * KIB);
  });

  test('holds outputs to the end', () => {
    const { g, x } = withInput();
    const [a, b, c] = [exp(g, x), exp(g, x), exp(g, x)];
    expect(peakLiveBytes(g, [a])).toBe(3 * KIB);
    expect(peakLiveBytes(g, [a, b, c])).toBe(4 * KIB);
  });

  test('frees at once what nobody reads', () => {
    const { g, x } = withInput();
    const outputs = g.ops('TopK', [x, g.int64([256])], { axis: 0, largest: 1, sorted: 1 });
    relu(g, at(outputs, 0));
    // The input, the count, values and indices; the indices are gone when the last node runs.
    expect(peakLiveBytes(g, [])).toBe(KIB + 8 + KIB + 2 * KIB);
  });

  test('counts a reshaped tensor once, and for as long as either form is read', () => {
    const { g, x } = withInput();
    const flat = exp(g, x);
    const square = reshape(g, flat, [16, 16]);
    const wide = relu(g, exp(g, relu(g, flat)));
    const y = add(g, reshape(g, square, [256]), wide);
    const sizes = 2 * 8 + 8;
    expect(peakLiveBytes(g, [y])).toBe(4 * KIB + sizes);
  });

  test('takes no memory for a reshaped input', () => {
    const { g, x } = withInput();
    const y = exp(g, reshape(g, x, [16, 16]));
    expect(peakLiveBytes(g, [y])).toBe(2 * KIB + 2 * 8);
  });

  test('goes by the element type', () => {
    const { g, x } = withInput();
    expect(peakLiveBytes(g, [greater(g, x, x)])).toBe(KIB + 256);
    expect(peakLiveBytes(g, [cast(g, x, 'float64')])).toBe(3 * KIB);
  });

  test('holds constants throughout', () => {
    const { g, x } = withInput();
    const y = concat(g, [x, g.constant('float32', [256], new Float32Array(256))], 0);
    expect(peakLiveBytes(g, [y])).toBe(4 * KIB);
  });

  test('leaves out what only the run can size', () => {
    const g = new Graph();
    const boxes = g.input('boxes', 'float32', [1, 64, 4]);
    const scores = g.input('scores', 'float32', [1, 1, 64]);
    const selected = g.op('NonMaxSuppression', [boxes, scores], { center_point_box: 0 });
    expect(peakLiveBytes(g, [selected])).toBe(KIB + 256);
  });

  test('of a sum does not shrink with the result', () => {
    const { g, x } = withInput();
    expect(peakLiveBytes(g, [reduceSum(g, x, [0])])).toBe(KIB + 8 + 4);
  });
});
