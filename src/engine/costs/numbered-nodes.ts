import type { GraphNode, Value } from '../graph/node.js';

/** Nodes with their tensors numbered: what is known of a tensor, which is looked up many times, then lies in an array. */
export interface NumberedNodes {
  readonly nodes: readonly GraphNode[];
  /** By number. */
  readonly values: readonly Value[];
  readonly numbers: ReadonlyMap<Value, number>;
  /** Of each node, by its place: numbers of its operands, without those that are left out, in their order. */
  readonly operands: readonly (readonly number[])[];
  /** Of each node, by its place: numbers of its results, in their order. */
  readonly results: readonly (readonly number[])[];
}

export function numberedNodes(nodes: readonly GraphNode[]): NumberedNodes {
  const values: Value[] = [];
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, values.length);
    return values.push(value) - 1;
  };
  const operands = nodes.map(({ inputs }) => {
    const present: number[] = [];
    for (const input of inputs) if (input) present.push(numberOf(input));
    return present;
  });
  const results = nodes.map(({ outputs }) => outputs.map(numberOf));
  return { nodes, values, numbers, operands, results };
}

/** 1 for each number whose value is in the set, else 0. */
export function flagsOf({ values }: NumberedNodes, set: ReadonlySet<Value>): Uint8Array {
  return Uint8Array.from(values, (value) => (set.has(value) ? 1 : 0));
}
