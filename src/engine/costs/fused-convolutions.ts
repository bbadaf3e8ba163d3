import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { sameShape } from '../graph/tensor.js';

const ACTIVATIONS: ReadonlySet<OperatorName> = new Set<OperatorName>([
  'Clip',
  'HardSigmoid',
  'HardSwish',
  'Relu',
  'Sigmoid',
]);
/** Channels of a block of the runtime's blocked layout, which results of convolutions are filled up to. */
const CHANNEL_BLOCK = 16;

/** A convolution that has taken in nodes behind it. */
interface Fusion {
  readonly nodes: readonly GraphNode[];
  readonly summand: Value | null;
  readonly output: Value;
}

/**
 * Nodes as onnxruntime rewrites those of a network whose weights are constant: a convolution takes in the normalisation
 * behind it, the sum with another map, into whose memory it then writes, and the activation; and its channels are filled up
 * to whole blocks.
 *
 * @param outputs what a run gives out
 */
export function fusedConvolutions(nodes: readonly GraphNode[], outputs: ReadonlySet<Value>): readonly GraphNode[] {
  const readers = new Map<Value, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = input && readers.get(input);
      if (known && known.at(-1) !== node) known.push(node);
      else if (input && !known) readers.set(input, [node]);
    }
  }
  const taken = new Set<GraphNode>();
  const lastOf = new Map<GraphNode, GraphNode>();
  for (const node of nodes) {
    if (node.operator !== 'Conv' || taken.has(node)) continue;
    const { nodes: members, summand, output } = fusionOf(node, readers, outputs, taken);
    for (const member of members) taken.add(member);
    const [x = null, weight = null, bias = null] = node.inputs;
    const last = members.at(-1) ?? node;
    lastOf.set(last, { ...node, operator: 'NchwcConv', inputs: [x, weight, bias, summand], outputs: [output] });
  }
  const filled = new Map<Value, Value>();
  return nodes.flatMap((node) => {
    const fused = lastOf.get(node);
    if (!fused && taken.has(node)) return [];
    const now = fused ?? node;
    if (fused) for (const output of fused.outputs) if (!outputs.has(output)) filled.set(output, filledUp(output));
    const isRenamed = (value: Value | null): boolean => value !== null && filled.has(value);
    if (!now.inputs.some(isRenamed) && !now.outputs.some(isRenamed)) return [now];
    const renamed = (value: Value): Value => filled.get(value) ?? value;
    return [{ ...now, inputs: now.inputs.map((input) => input && renamed(input)), outputs: now.outputs.map(renamed) }];
  });
}

function fusionOf(
  conv: GraphNode,
  readers: ReadonlyMap<Value, readonly GraphNode[]>,
  outputs: ReadonlySet<Value>,
  taken: ReadonlySet<GraphNode>,
): Fusion {
  const nodes = [conv];
  let [summand, output]: [Value | null, Value | undefined] = [null, conv.outputs[0]];
  while (output && !outputs.has(output)) {
    const [reader, product] = readers.get(output) ?? [];
    if (!reader || taken.has(reader)) break;
    const hard = product && isHardSwish(output, reader, product);
    if (hard) {
      nodes.push(reader, product);
      break;
    }
    if (product) break;
    const { operator } = reader;
    const other = operator === 'Add' ? summandOf(reader, output) : null;
    if (other && !summand) summand = other;
    else if (operator !== 'BatchNormalization' && !ACTIVATIONS.has(operator)) break;
    nodes.push(reader);
    output = reader.outputs[0];
    if (ACTIVATIONS.has(operator)) break;
  }
  const last = nodes.at(-1)?.outputs[0];
  if (!last) throw new RangeError(`the convolution "${conv.name}" has no result`);
  return { nodes, summand, output: last };
}

/** x * hard sigmoid(x), in two nodes. */
function isHardSwish(x: Value, first: GraphNode, second: GraphNode): boolean {
  const [gate] = first.outputs;
  return first.operator === 'HardSigmoid' && second.operator === 'Mul' && gate !== undefined
    ? second.inputs.includes(x) && second.inputs.includes(gate)
    : false;
}

/** What an Add adds to a map, where it is another one of its shape. */
function summandOf({ inputs }: GraphNode, map: Value): Value | null {
  const [other] = inputs.filter((input) => input !== map);
  return other && sameShape(other.shape, map.shape) ? other : null;
}

function filledUp(map: Value): Value {
  const [images, channels, ...size] = map.shape;
  if (images === undefined || typeof channels !== 'number' || size.length !== 2) return map;
  return { ...map, shape: [images, Math.ceil(channels / CHANNEL_BLOCK) * CHANNEL_BLOCK, ...size] };
}
