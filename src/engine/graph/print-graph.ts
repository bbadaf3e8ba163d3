import type { Graph } from './graph.js';
import type { GraphNode, Value } from './node.js';
import type { ConstantTensor } from './tensor.js';

/** Constants of up to as many elements are printed by their content, larger ones by their name. */
const SHOWN_ELEMENTS = 8;
/** As many as a float32 holds. */
const SHOWN_DIGITS = 7;

/**
 * The graph as text, for people and for snapshots: a line for each input, then one for each node in order, as
 * `outputs = operator(operands) {attributes}` with each output's type behind its name.
 */
export function printGraph(graph: Graph): string {
  const inputs = graph.inputs.map((value) => `input ${typed(value)}`);
  const nodes = graph.nodes.map((node) => printNode(node, (value) => graph.constants.get(value)));
  return [...inputs, ...nodes].join('\n');
}

function printNode(node: GraphNode, constantOf: (value: Value) => ConstantTensor | undefined): string {
  const operands = node.inputs.map((value) => {
    if (!value) return 'none';
    const constant = constantOf(value);
    return constant && constant.data.length <= SHOWN_ELEMENTS ? content(constant) : value.name;
  });
  const attributes = Object.entries(node.attributes).map(([name, value]) => `${name}: ${attribute(value)}`);
  const call = `${node.outputs.map(typed).join(', ')} = ${node.operator}(${operands.join(', ')})`;
  return attributes.length === 0 ? call : `${call} {${attributes.join(', ')}}`;
}

function typed({ name, dataType, shape }: Value): string {
  return `${name}: ${dataType}[${shape.join(', ')}]`;
}

function content({ shape, data }: ConstantTensor): string {
  const elements = Array.from<number | bigint, string>(data, element);
  return shape.length === 0 ? elements.join() : `[${elements.join(', ')}]`;
}

function element(value: number | bigint): string {
  return typeof value === 'bigint' ? String(value) : String(Number(value.toPrecision(SHOWN_DIGITS)));
}

function attribute(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
