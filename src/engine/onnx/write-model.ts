import { create, toBinary } from '@bufbuild/protobuf';
import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import { AXES_VARIANTS, FOREIGN_OPERATORS, RESULT_VARIANTS } from '../graph/operators.js';
import type { DataType } from '../graph/tensor.js';
import type { AttributeProto, NodeProto, ValueInfoProto } from './gen/onnx_pb.js';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_SequenceSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from './gen/onnx_pb.js';
import { ONNX_DATA_TYPES } from './onnx-data-types.js';
import type { StoredTensor } from './write-initializers.js';
import { withInitializers } from './write-initializers.js';

export const ONNX_OPSET = 18;
const IR_VERSION = 8n;
const FOREIGN_DOMAINS = [...new Set([...FOREIGN_OPERATORS.values()].map(({ domain }) => domain))];

/** Number attributes that ONNX stores as floats; all other numbers are integers. */
const FLOAT_ATTRIBUTES: ReadonlySet<string> = new Set(['alpha', 'beta', 'epsilon', 'momentum', 'spatial_scale']);

export interface ModelContent {
  readonly graph: Graph;
  /** Names under which the run returns values. */
  readonly outputs: ReadonlyMap<string, Value>;
  /** Inputs of the graph whose content is stored in the model instead of being given at each run. */
  readonly initializers?: ReadonlyMap<Value, StoredTensor>;
  /** Whether each run gives the memory of all outputs, so that none has to be returned: see runtime/session.ts. */
  readonly outputsInPlace?: boolean;
}

/** Output of a model that returns nothing: an empty list, before all other outputs. */
export const UNRETURNABLE_OUTPUT = 'unreturnable';

/** A value cannot be an output of the model under the name that was asked for. */
class OutputNameError extends Error {
  readonly code = 'output-name';

  constructor(name: string, reason: string) {
    super(`output "${name}": ${reason}; an output needs a node of its own that makes it`);
  }
}

/** The graph as an ONNX model file. All its operators must be the runtime's: lower composite ones before. */
export function writeModel({
  graph,
  outputs,
  initializers = new Map<Value, StoredTensor>(),
  outputsInPlace = false,
}: ModelContent): Uint8Array {
  const used = new Set(graph.nodes.flatMap((node) => node.inputs));
  const constants = [...graph.constants].filter(([value]) => used.has(value));
  // ONNX names an output after its tensor, so tensors are renamed and no Identity node is needed.
  const renamed = new Map<Value, string>();
  for (const [name, value] of outputs) {
    const other = renamed.get(value);
    if (other !== undefined) throw new OutputNameError(name, `"${value.name}" is the output "${other}" already`);
    if (graph.inputs.includes(value) || graph.constants.has(value)) {
      throw new OutputNameError(name, `"${value.name}" is computed by no node`);
    }
    renamed.set(value, name);
  }
  const nameOf = (value: Value): string => renamed.get(value) ?? value.name;
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'training-estimates',
    opsetImport: [
      create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(ONNX_OPSET) }),
      ...FOREIGN_DOMAINS.map((domain) => create(OperatorSetIdProtoSchema, { domain, version: 1n })),
    ],
    graph: create(GraphProtoSchema, {
      name: 'graph',
      input: graph.inputs.filter((value) => !initializers.has(value)).map((value) => valueInfo(value.name, value)),
      output: [
        ...(outputsInPlace ? [emptyListInfo()] : []),
        ...[...outputs].map(([name, value]) => valueInfo(name, value)),
      ],
      node: [...(outputsInPlace ? [emptyList()] : []), ...graph.nodes.map((node) => nodeProto(node, nameOf))],
    }),
  });
  const stored = [...constants, ...initializers];
  return withInitializers(
    toBinary(ModelProtoSchema, model),
    stored.map(([value, tensor]) => [value.name, tensor]),
  );
}

function valueInfo(name: string, { dataType, shape }: Value): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof size === 'number' ? { case: 'dimValue', value: BigInt(size) } : { case: 'dimParam', value: size },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: ONNX_DATA_TYPES[dataType],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  });
}

function emptyList(): NodeProto {
  return create(NodeProtoSchema, {
    name: UNRETURNABLE_OUTPUT,
    opType: 'SequenceEmpty',
    output: [UNRETURNABLE_OUTPUT],
  });
}

function emptyListInfo(): ValueInfoProto {
  const elemType = create(TypeProtoSchema, {
    value: {
      case: 'tensorType',
      value: create(TypeProto_TensorSchema, { elemType: ONNX_DATA_TYPES.float32 }),
    },
  });
  const sequenceType = create(TypeProto_SequenceSchema, { elemType });
  return create(ValueInfoProtoSchema, {
    name: UNRETURNABLE_OUTPUT,
    type: create(TypeProtoSchema, { value: { case: 'sequenceType', value: sequenceType } }),
  });
}

function nodeProto(node: GraphNode, nameOf: (value: Value) => string): NodeProto {
  const foreign = FOREIGN_OPERATORS.get(node.operator);
  return create(NodeProtoSchema, {
    name: node.name,
    opType:
      foreign?.name ?? RESULT_VARIANTS.get(node.operator)?.name ?? AXES_VARIANTS.get(node.operator) ?? node.operator,
    domain: foreign?.domain ?? '',
    input: node.inputs.map((value) => (value ? nameOf(value) : '')),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes)
      .filter(([name]) => !name.startsWith('$'))
      .map(([name, value]) => attributeProto(name, value as AttributeValue)),
  });
}

type AttributeValue = number | string | readonly number[];

function attributeProto(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') {
    // ONNX names an element type by its number.
    return name === 'to'
      ? integer(name, ONNX_DATA_TYPES[value as DataType])
      : create(AttributeProtoSchema, {
          name,
          type: AttributeProto_AttributeType.STRING,
          s: new TextEncoder().encode(value),
        });
  }
  if (typeof value === 'number') {
    return FLOAT_ATTRIBUTES.has(name)
      ? create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value })
      : integer(name, value);
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
}

function integer(name: string, value: number): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
}
