import { fromBinary } from '@bufbuild/protobuf';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { TensorProto } from '../../../src/engine/onnx/gen/onnx_pb.js';
import { ModelProtoSchema } from '../../../src/engine/onnx/gen/onnx_pb.js';
import type { StoredTensor } from '../../../src/engine/onnx/write-initializers.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import { Session, float32Data, float32Tensor } from '../../../src/engine/runtime/session.js';

/** x + w + 2, with w stored in the model; names of tensors differ in length, so that content needs padding to be aligned. */
function model(name: string, stored: StoredTensor): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [2, 3]);
  const w = graph.input(name, 'float32', [2, 3]);
  const two = graph.constant('float32', [], Float32Array.of(2));
  const sum = graph.op('Add', [graph.op('Add', [x, w], {}), two], {});
  return writeModel({ graph, outputs: new Map([['sum', sum]]), initializers: new Map([[w, stored]]) });
}

function fill(into: Float32Array): void {
  into.forEach((_, index) => (into[index] = index / 4));
}

const W = Float32Array.from({ length: 6 }, (_, index) => index / 4);

function tensors(bytes: Uint8Array): readonly TensorProto[] {
  return fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
}

describe('tensors stored in a model', () => {
  const names = ['w', 'w1', 'w12', 'w123', `w${'é'.repeat(70)}`];

  test.each(names)('are computed with by the runtime: %s', async (name) => {
    const session = await Session.create(model(name, { shape: [2, 3], fill }), { threads: 1 });
    const { sum } = await session.run({ x: float32Tensor(Float32Array.of(1, 1, 1, 1, 1, 1), [2, 3]) }, { sum: null });
    expect([...float32Data(sum, 'sum')]).toEqual([3, 3.25, 3.5, 3.75, 4, 4.25]);
    await session.release();
  });

  test.each(names)('are what a reader of protocol buffers finds, in their order: %s', (name) => {
    const found = tensors(model(name, { shape: [2, 3], fill }));
    expect(found).toHaveLength(2);
    expect(found[1]).toMatchObject({ name, dims: [2n, 3n], dataType: 1 });
    expect(found[1]?.rawData).toEqual(new Uint8Array(W.buffer));
    expect(found[0]?.rawData).toEqual(new Uint8Array(Float32Array.of(2).buffer));
  });

  test('are the same bytes whether they are written in place or copied', () => {
    expect(model('w', { shape: [2, 3], fill })).toEqual(model('w', { dataType: 'float32', shape: [2, 3], data: W }));
  });
});
