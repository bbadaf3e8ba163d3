import { fromBinary } from '@bufbuild/protobuf';
import { Graph } from '../graph/graph.js';
import type { GraphNode, Phase, Value } from '../graph/node.js';
import { FOREIGN_OPERATORS, RESULT_VARIANTS } from '../graph/operators.js';
import { inferShapes } from '../graph/shape-inference.js';
import type { ConstantTensor, Shape } from '../graph/tensor.js';
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from './gen/onnx_pb.js';
import { ModelProtoSchema } from './gen/onnx_pb.js';
import type { ReadableOperatorName } from './read-attributes.js';
import { isReadable, readAttributes } from './read-attributes.js';
import { readDataType, readTensor } from './read-tensor.js';
import { UnreadableModelError } from './unreadable-model-error.js';
import { ONNX_OPSET } from './write-model.js';

/** A model as its file describes it. */
export interface ReadModel {
  /** Names of values and nodes are the file's; the graph is complete, and not to be built upon. */
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: ReadonlyMap<string, Value>;
  /** Content of those inputs for which the file has one, to be used when a run gives none. */
  readonly initializers: ReadonlyMap<Value, ConstantTensor>;
}

/** ONNX's own operators, under both of its names, and those of the runtime. */
const OPSETS: ReadonlyMap<string, number> = new Map([
  ['', ONNX_OPSET],
  ['ai.onnx', ONNX_OPSET],
  ...[...FOREIGN_OPERATORS.values()].flatMap(({ domain }) => (domain === '' ? [] : [[domain, 1] as const])),
]);

const OWN_NODE_NAME = /^(forward|backward|optimizer)\/(?:(.+)\/)?[^/]+$/;

/**
 * Reads an ONNX model of opset 18 that consists of the runtime's operators. Attributes that the file leaves out have
 * ONNX's defaults. Stored tensors are constants of the graph, unless the file lists them among its inputs too.
 *
 * @throws UnreadableModelError when the bytes are no model, or the model uses what the engine does not know
 * @throws ShapeError when operands do not fit their operator
 */
export function readModel(bytes: Uint8Array): ReadModel {
  const model = parse(bytes);
  for (const { domain, version } of model.opsetImport) requireOpset(domain, Number(version));
  if (!model.graph) throw new UnreadableModelError('the model holds no graph');
  return readGraph(model.graph);
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new UnreadableModelError(
      `the ${bytes.length} bytes are no ONNX model: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function requireOpset(domain: string, version: number): void {
  const known = OPSETS.get(domain);
  if (known === version) return;
  const name = domain === '' ? 'ONNX' : `"${domain}"`;
  throw new UnreadableModelError(
    `the model uses version ${version} of the operators of ${name}; known is ${known ?? 'none of that domain'}`,
  );
}

function readGraph(proto: GraphProto): ReadModel {
  if (proto.sparseInitializer.length > 0) throw new UnreadableModelError('the model holds sparse tensors');
  const graph = new Graph();
  const values = new Map<string, Value>();
  const define = (value: Value): Value => {
    if (values.has(value.name)) throw new UnreadableModelError(`the name "${value.name}" is given to two tensors`);
    values.set(value.name, value);
    return value;
  };
  const inputs = new Map<string, Value>();
  for (const info of proto.input) {
    const value = define(readInput(info));
    graph.inputs.push(value);
    inputs.set(value.name, value);
  }
  const initializers = new Map<Value, ConstantTensor>();
  for (const stored of proto.initializer) {
    const tensor = readTensor(stored, `the tensor "${stored.name}"`);
    const input = inputs.get(stored.name);
    if (input) initializers.set(input, tensor);
    else graph.constants.set(define({ name: stored.name, dataType: tensor.dataType, shape: tensor.shape }), tensor);
  }
  for (const node of proto.node) {
    const read = readNode(node, graph, (name) => values.get(name));
    read.outputs.forEach(define);
    graph.nodes.push(read);
  }
  const outputs = new Map(
    proto.output.map(({ name }) => {
      const value = values.get(name);
      if (!value) throw new UnreadableModelError(`the output "${name}" is computed by no node`);
      return [name, value];
    }),
  );
  return { graph, inputs, outputs, initializers };
}

function readInput({ name, type }: ValueInfoProto): Value {
  const what = `the input "${name}"`;
  if (type?.value.case !== 'tensorType') throw new UnreadableModelError(`${what} is no tensor`);
  const { elemType, shape } = type.value.value;
  if (!shape) throw new UnreadableModelError(`${what} has no shape`);
  const sizes: Shape = shape.dim.map(({ value }, axis) => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.case === 'dimParam' && value.value !== '' ? value.value : `${name}.${axis}`;
  });
  return { name, dataType: readDataType(elemType, what), shape: sizes };
}

function readNode(proto: NodeProto, graph: Graph, valueOf: (name: string) => Value | undefined): GraphNode {
  const name = givenName(proto.name) ?? proto.output[0] ?? '';
  const operator = readOperator(proto, name);
  const what = `${operator} "${name}"`;
  const inputs = proto.input.map((input) => {
    if (input === '') return null;
    const value = valueOf(input);
    if (!value) throw new UnreadableModelError(`${what} reads "${input}", which nothing before it gives`);
    return value;
  });
  const attributes = readAttributes(operator, proto.attribute, inputs, what);
  const types = inferShapes(operator, inputs, attributes, name, graph.constants);
  if (proto.output.length > types.length) {
    throw new UnreadableModelError(`${what} names ${proto.output.length} results, but has ${types.length}`);
  }
  const outputs = types.map((type, index) => ({ name: givenName(proto.output[index]) ?? `${name}:${index}`, ...type }));
  return { operator, name, ...placeOf(name), inputs, outputs, attributes };
}

/** ONNX writes an absent name as an empty one. */
function givenName(name: string | undefined): string | undefined {
  return name === '' ? undefined : name;
}

function readOperator({ opType, domain, output }: NodeProto, node: string): ReadableOperatorName {
  const foreign = [...FOREIGN_OPERATORS].find(([, known]) => known.domain === domain && known.name === opType);
  const variant = [...RESULT_VARIANTS].find(([, known]) => known.name === opType && known.results === output.length);
  const isOnnx = domain === '' || domain === 'ai.onnx';
  const own = isOnnx && !OWN_NAMES.has(opType) ? (variant?.[0] ?? opType) : '';
  const operator = foreign?.[0] ?? own;
  if (!isReadable(operator)) {
    const given = domain === '' ? opType : `${domain}.${opType}`;
    throw new UnreadableModelError(`the node "${node}" has the operator ${given}, which is not known`);
  }
  return operator;
}

/** Names that the engine alone uses. */
const OWN_NAMES: ReadonlySet<string> = new Set([...FOREIGN_OPERATORS.keys(), ...RESULT_VARIANTS.keys()]);

/** Phase and module, from the names that the engine itself gives; a node with another name is of the forward pass. */
function placeOf(name: string): { readonly phase: Phase; readonly scope: string } {
  const [, phase, scope = ''] = OWN_NODE_NAME.exec(name) ?? [];
  return phase === undefined ? { phase: 'forward', scope: '' } : { phase: phase as Phase, scope };
}
