import type { Graph } from './graph.js';
import type { GraphNode, Value } from './node.js';
import { at } from './tensor.js';

/** Nodes on which one of `outputs` depends, and all values that these read or give. */
export function neededFor(
  graph: Graph,
  outputs: readonly Value[],
): { readonly nodes: ReadonlySet<GraphNode>; readonly values: ReadonlySet<Value> } {
  const values = new Set<Value>(outputs);
  const nodes = new Set<GraphNode>();
  for (let index = graph.nodes.length - 1; index >= 0; index--) {
    const node = at(graph.nodes, index);
    if (!node.outputs.some((output) => values.has(output))) continue;
    nodes.add(node);
    for (const input of node.inputs) if (input) values.add(input);
  }
  return { nodes, values };
}

/** The nodes on which one of `outputs` depends, in their order. */
export function nodesFor(graph: Graph, outputs: readonly Value[]): readonly GraphNode[] {
  const { nodes } = neededFor(graph, outputs);
  return graph.nodes.filter((node) => nodes.has(node));
}

/** Takes out the nodes on which none of `outputs` depends. */
export function pruneNodes(graph: Graph, outputs: readonly Value[]): void {
  graph.nodes.splice(0, graph.nodes.length, ...nodesFor(graph, outputs));
}

/** Takes out the nodes and inputs on which none of `outputs` depends. */
export function prune(graph: Graph, outputs: readonly Value[]): void {
  const { values } = neededFor(graph, outputs);
  pruneNodes(graph, outputs);
  graph.inputs.splice(0, graph.inputs.length, ...graph.inputs.filter((input) => values.has(input)));
}
