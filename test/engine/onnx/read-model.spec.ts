import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import { printGraph } from '../../../src/engine/graph/print-graph.js';
import { ShapeError } from '../../../src/engine/graph/shape-inference.js';
import { at } from '../../../src/engine/graph/tensor.js';
import { lower } from '../../../src/engine/lowering/lower.js';
import type { AttributeProto, GraphProto, ModelProto } from '../../../src/engine/onnx/gen/onnx_pb.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from '../../../src/engine/onnx/gen/onnx_pb.js';
import { readModel } from '../../../src/engine/onnx/read-model.js';
import { UnreadableModelError } from '../../../src/engine/onnx/unreadable-model-error.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import { fillTensor } from '../../../src/engine/synthetic/fill.js';
import { Session, float32Tensor } from '../../../src/engine/runtime/session.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { buildInferenceGraph, INFERENCE_NAMES } from '../../../src/engine/training/inference-graph.js';
import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import type { Architecture } from '../../../src/engine/zoo/architecture.js';
import type { NetworkOptions } from '../../../src/engine/zoo/description.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';
import { FOREIGN_MODEL } from './foreign-model.js';

const [DESCRIPTION] = architectures.values();

function ssdlite(): { readonly architecture: Architecture; readonly options: NetworkOptions } {
  if (!DESCRIPTION) throw new Error('the catalogue is empty');
  return { architecture: architectureNamed(DESCRIPTION.name), options: DESCRIPTION.defaults };
}

/** Pools with and without indices, means of windows, and pixels repeated. */
function poolingModel(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [1, 2, 8, 6]);
  const window = { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] } as const;
  const pooled = graph.op('MaxPool', [x], { ...window, dilations: [1, 1] });
  const [again, indices] = graph.ops('MaxPoolWithIndices', [x], { ...window, dilations: [1, 1] });
  const repeated = graph.op('Resize', [graph.op('AveragePool', [x], window), null, graph.float32([1, 1, 2, 2])], {
    mode: 'nearest',
    nearest_mode: 'floor',
    coordinate_transformation_mode: 'asymmetric',
  });
  if (!again || !indices) throw new Error('a pool with indices has two results');
  const outputs = { pooled, again, indices, repeated };
  return writeModel({ graph, outputs: new Map(Object.entries(outputs)) });
}

function trainingModel(): Uint8Array {
  const { architecture, options } = ssdlite();
  const shape = { batchSize: 2, imageSize: [320, 320], objectsPerImage: 3 } as const;
  const { graph, results, updates } = buildTrainingGraph(architecture, options, shape);
  const wanted = [...results, ...[...updates].map(([{ name }, update]) => [`updated/${name}`, update] as const)];
  const lowered = lower(
    graph,
    wanted.map(([, value]) => value),
    { constantWeights: false, channelBlock: null },
  );
  const outputs = new Map(wanted.map(([name, value]) => [name, lowered.valueOf(value)]));
  return writeModel({ graph: lowered.graph, outputs });
}

function inferenceModel(): Uint8Array {
  const { architecture, options } = ssdlite();
  const { graph, state, result } = buildInferenceGraph(architecture, options, 1, [256, 300], null);
  if (result.kind !== 'detections') throw new Error('SSDlite is a detector');
  const wanted = INFERENCE_NAMES.detections.map((name) => [name, result[name]] as const);
  const lowered = lower(
    graph,
    wanted.map(([, value]) => value),
    { constantWeights: true, channelBlock: null },
  );
  const initializers = new Map(
    state.flatMap(({ name, shape, value }) =>
      value
        ? [[lowered.valueOf(value), { dataType: 'float32', shape, data: fillTensor(name, shape, 0) } as const]]
        : [],
    ),
  );
  const outputs = new Map(wanted.map(([name, value]) => [name, lowered.valueOf(value)]));
  return writeModel({ graph: lowered.graph, outputs, initializers });
}

/** The foreign model after a change. */
function changed(change: (graph: GraphProto, model: ModelProto) => void): Uint8Array {
  const model = fromBinary(ModelProtoSchema, FOREIGN_MODEL);
  if (!model.graph) throw new Error('the fixture holds a graph');
  change(model.graph, model);
  return toBinary(ModelProtoSchema, model);
}

function integer(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
}

function text(name: string, value: string): AttributeProto {
  const s = new TextEncoder().encode(value);
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
}

describe('a model that the engine wrote', () => {
  test.each([
    ['training step', trainingModel],
    ['pools', poolingModel],
    ['inference', inferenceModel],
  ])('is read and written again byte for byte: %s', (_name, build) => {
    const bytes = build();
    const { graph, outputs, initializers } = readModel(bytes);
    expect(Buffer.compare(writeModel({ graph, outputs, initializers }), bytes)).toBe(0);
  });

  test('keeps phases and modules', () => {
    const { graph } = readModel(trainingModel());
    expect(new Set(graph.nodes.map(({ phase }) => phase))).toEqual(new Set(['forward', 'backward', 'optimizer']));
    expect(graph.nodes.some(({ scope }) => scope === 'backbone.features.0.0.0')).toBe(true);
  });
});

describe('a model from elsewhere', () => {
  test('is read with ONNX’s defaults', () => {
    const { graph, inputs, outputs } = readModel(FOREIGN_MODEL);
    expect([...inputs.keys()]).toEqual(['image', 'weight']);
    expect([...outputs.keys()]).toEqual(['best', 'places']);
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "input image: float32[2, 1, 4, 4]
      input weight: float32[3, 1, 3, 3]
      conv: float32[2, 3, 4, 4] = Conv(image, weight) {pads: [1, 1, 1, 1], strides: [1, 1], dilations: [1, 1], group: 1}
      activated: float32[2, 3, 4, 4] = Relu(conv)
      turned: float32[4, 4, 3, 2] = Transpose(activated) {perm: [3, 2, 1, 0]}
      summed: float32[1, 1, 3, 2] = ReduceSum(turned, [0, 1]) {keepdims: 1}
      clipped: float32[1, 1, 3, 2] = Clip(summed, none, 6)
      probabilities: float32[1, 1, 3, 2] = Softmax(clipped) {axis: -1}
      best: float32[1, 1, 3, 2], places: int64[1, 1, 3, 2] = TopK(probabilities, [2]) {axis: -1, largest: 1, sorted: 1}"
    `);
  });

  test('has as initializers what its file lists among the inputs, and as constants the rest', () => {
    const { graph, initializers } = readModel(FOREIGN_MODEL);
    expect([...initializers].map(([{ name }, { data }]) => [name, data[26]])).toEqual([['weight', 26 / 8]]);
    expect([...graph.constants.keys()].map(({ name }) => name)).toEqual(['axes', 'high', 'count']);
  });

  test('computes the same once written again', async () => {
    const { graph, outputs, initializers } = readModel(FOREIGN_MODEL);
    const image = Float32Array.from({ length: 32 }, (_, index) => Math.sin(index));
    const results = [];
    for (const model of [FOREIGN_MODEL, writeModel({ graph, outputs, initializers })]) {
      const session = await Session.create(model, { threads: 1 });
      const { best, places } = await session.run(
        { image: float32Tensor(image, [2, 1, 4, 4]) },
        { best: null, places: null },
      );
      results.push([best?.data, places?.data]);
      await session.release();
    }
    expect(results[1]).toEqual(results[0]);
  });
});

describe('what cannot be read is named', () => {
  test.each<[name: string, message: string | RegExp, bytes: () => Uint8Array]>([
    ['nothing', 'no graph', () => new Uint8Array()],
    ['half a file', /the 318 bytes are no ONNX model/, () => FOREIGN_MODEL.subarray(0, 318)],
    ['other bytes', /no ONNX model/, () => Buffer.from('{"not": "a model"}')],
    [
      'an operator',
      'the node "turn" has the operator Erf, which is not known',
      () => changed((graph) => (at(graph.node, 2).opType = 'Erf')),
    ],
    [
      'an operator of another domain',
      'the node "turn" has the operator com.example.Transpose',
      () => changed((graph) => (at(graph.node, 2).domain = 'com.example')),
    ],
    [
      'an operator of this engine alone',
      'the node "activated" has the operator HardSwish, which is not known',
      () => changed((graph) => (at(graph.node, 1).opType = 'HardSwish')),
    ],
    [
      'an older opset',
      'version 11 of the operators of ONNX; known is 18',
      () => changed((_, model) => (at(model.opsetImport, 0).version = 11n)),
    ],
    [
      'an unknown domain',
      'version 3 of the operators of "com.example"; known is none of that domain',
      () =>
        changed((_, model) => {
          const [opset] = model.opsetImport;
          if (opset) Object.assign(opset, { domain: 'com.example', version: 3n });
        }),
    ],
    [
      'an element type',
      'the tensor "weight" has elements of type FLOAT16; known are float32',
      () => changed((graph) => (at(graph.initializer, 0).dataType = TensorProto_DataType.FLOAT16)),
    ],
    [
      'a tensor that is too short',
      'the tensor "weight" of shape [3, 1, 3, 3] must hold 27 elements, but holds 26',
      () => changed((graph) => at(graph.initializer, 0).floatData.pop()),
    ],
    [
      'raw bytes that end within an element',
      'the tensor "axes" of shape [2] must hold 2 elements, but holds a part of one',
      () => changed((graph) => (at(graph.initializer, 1).rawData = new Uint8Array(15))),
    ],
    [
      'a tensor in another file',
      'the tensor "weight" is kept in another file',
      () => changed((graph) => (at(graph.initializer, 0).dataLocation = TensorProto_DataLocation.EXTERNAL)),
    ],
    [
      'an input that no node gives',
      'Relu "activated" reads "lost", which nothing before it gives',
      () => changed((graph) => (at(graph.node, 1).input[0] = 'lost')),
    ],
    [
      'nodes out of order',
      'Relu "activated" reads "conv", which nothing before it gives',
      () => changed((graph) => graph.node.reverse().splice(0, 5)),
    ],
    [
      'an output that no node gives',
      'the output "lost" is computed by no node',
      () => changed((graph) => (at(graph.output, 0).name = 'lost')),
    ],
    [
      'a name given twice',
      'the name "conv" is given to two tensors',
      () => changed((graph) => (at(graph.node, 1).output[0] = 'conv')),
    ],
    [
      'more results than the operator has',
      'Relu "activated" names 2 results, but has 1',
      () => changed((graph) => at(graph.node, 1).output.push('more')),
    ],
    [
      'an attribute that is missing',
      'Cast "activated" lacks the attribute to',
      () => changed((graph) => (at(graph.node, 1).opType = 'Cast')),
    ],
    [
      'an attribute that is unknown',
      'Conv "conv_1" has the attribute auto_pad = SAME_UPPER, which is not known',
      () => changed((graph) => at(graph.node, 0).attribute.push(text('auto_pad', 'SAME_UPPER'))),
    ],
    [
      'an attribute of another kind',
      'Conv "conv_1" has the attribute strides = 2, but takes 2 numbers',
      () => changed((graph) => at(graph.node, 0).attribute.push(integer('strides', 2))),
    ],
    [
      'an attribute with a word that is not known',
      'ScatterND "activated" has the attribute reduction = mul, but takes none or add',
      () =>
        changed((graph) => {
          const node = at(graph.node, 1);
          node.opType = 'ScatterND';
          node.attribute.push(text('reduction', 'mul'));
        }),
    ],
  ])('%s', (_name, message, bytes) => {
    expect(() => readModel(bytes())).toThrow(UnreadableModelError);
    expect(() => readModel(bytes())).toThrow(message);
  });

  test('operands that do not fit, by the error of shape inference', () => {
    const input = changed((graph) => {
      const { type } = at(graph.input, 1);
      if (type?.value.case === 'tensorType') type.value.value.shape?.dim.splice(1, 1);
    });
    expect(() => readModel(input)).toThrow(ShapeError);
    expect(() => readModel(input)).toThrow(/Conv "conv_1".*weight: float32\[3, 3, 3\]/);
  });

  test('attributes that ask for the default of what the engine does not have are passed over', () => {
    const neutral = changed((graph) => {
      at(graph.node, 0).attribute.push(text('auto_pad', 'NOTSET'));
      at(graph.node, 3).attribute.push(integer('noop_with_empty_axes', 0));
    });
    expect(printGraph(readModel(neutral).graph)).toBe(printGraph(readModel(FOREIGN_MODEL).graph));
  });
});
