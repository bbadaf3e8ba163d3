import type { Graph } from '../graph/graph.js';
import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { bytesPerElement, elementCount, isStatic } from '../graph/tensor.js';

/** Of regions that lie on several maps, those that are taken to lie on the first, which is the finest. */
const FIRST_SHARE = 0.7;
/** Boxes that non-maximum suppression is taken to leave where nothing says how many. */
const SELECTED_BOXES = 1000;
/** Strips of a map that a row of a region's cells is taken to reach into. */
const REACHED_STRIPS = 2;

/**
 * Bytes of a graph's tensors. A size that only the run decides is estimated from what it is made of: most regions
 * lie on the finest map, since most boxes are small, and the rest evenly on the others; parts of a tensor are equal.
 */
export function tensorBytes({ nodes }: Graph): (value: Value) => number {
  const estimates = new Map<Value, readonly number[]>();
  const shapeOf = (value: Value): readonly number[] =>
    isStatic(value.shape) ? value.shape : (estimates.get(value) ?? value.shape.map(known));
  let shares: ReadonlyMap<GraphNode, number> | null = null;
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (isStatic(output.shape)) continue;
      shares ??= sharesOfPlaces(nodes);
      estimates.set(output, estimated(node, output, shapeOf, shares.get(node) ?? 1));
    }
  }
  return (value) => elementCount(shapeOf(value)) * bytesPerElement(value.dataType);
}

/**
 * The share of places that each of several nodes finds which compare the same tensor with different numbers, such as that
 * of the map which each region belongs to.
 */
function sharesOfPlaces(nodes: readonly GraphNode[]): ReadonlyMap<GraphNode, number> {
  /** By the result of the comparison. */
  const comparedIn = new Map<Value, Value>();
  const asking = new Map<Value, GraphNode[]>();
  for (const node of nodes) {
    const [first] = node.inputs;
    if (!first) continue;
    if (node.operator === 'Equal') for (const output of node.outputs) comparedIn.set(output, first);
    const compared = node.operator === 'NonZero' ? comparedIn.get(first) : undefined;
    if (compared) asking.set(compared, [...(asking.get(compared) ?? []), node]);
  }
  return new Map(
    [...asking.values()].flatMap((askers) =>
      askers.map((node, index) => {
        if (askers.length === 1) return [node, 1] as const;
        return [node, index === 0 ? FIRST_SHARE : (1 - FIRST_SHARE) / (askers.length - 1)] as const;
      }),
    ),
  );
}

/** What estimates of a node go by. */
interface Estimating {
  readonly node: GraphNode;
  readonly output: Value;
  readonly operands: readonly Value[];
  /** As far as it is known or estimated, of the first operand. */
  readonly first: readonly number[];
  /** Of the places that the node finds. */
  readonly share: number;
  readonly shapeOf: (value: Value) => readonly number[];
}

/** Sizes that a node decides itself. */
const OWN_SIZES: Readonly<Partial<Record<OperatorName, (given: Estimating, axis: number) => number>>> = {
  Concat: ({ operands, shapeOf }, axis) => operands.reduce((sum, operand) => sum + (shapeOf(operand)[axis] ?? 0), 0),
  NonMaxSuppression: () => SELECTED_BOXES,
  NonZero: ({ first, share }) => found(first, share),
  Reshape: ({ first, output }) => elementCount(first) / elementCount(output.shape.map(known)),
  Split: ({ first, node }, axis) => (first[axis] ?? 0) / node.outputs.length,
};

function estimated(
  node: GraphNode,
  output: Value,
  shapeOf: (value: Value) => readonly number[],
  share: number,
): readonly number[] {
  const operands = node.inputs.filter((input) => input !== null);
  const first = operands[0] ? shapeOf(operands[0]) : [];
  const given = { node, output, operands, first, share, shapeOf };
  const own = OWN_SIZES[node.operator];
  return output.shape.map((dim, axis) => {
    if (typeof dim === 'number') return dim;
    return own ? own(given, axis) : sizeIn(operands, dim, shapeOf);
  });
}

/** Of a list of numbers of maps, its share; of whether rows of cells reach into strips of images, a few for each row. */
function found(mask: readonly number[], share: number): number {
  return mask.length === 1 ? elementCount(mask) * share : (mask.at(-1) ?? 0) * REACHED_STRIPS;
}

/** The size of that name in an operand. */
function sizeIn(operands: readonly Value[], dim: string, shapeOf: (value: Value) => readonly number[]): number {
  for (const operand of operands) {
    const axis = operand.shape.indexOf(dim);
    if (axis >= 0) return shapeOf(operand)[axis] ?? 1;
  }
  return 1;
}

function known(dim: number | string): number {
  return typeof dim === 'number' ? dim : 1;
}
