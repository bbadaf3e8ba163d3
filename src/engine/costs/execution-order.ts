import type { GraphNode } from '../graph/node.js';

/**
 * Nodes in the order in which onnxruntime's sequential executor comes to them: depth first from those whose results no
 * other reads, the last of them first; and of what a node waits for, what stands last first.
 *
 * @param nodes in an order in which they can be executed
 */
export function executionOrder(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const read = new Set<GraphNode>();
  const before = new Map<GraphNode, readonly GraphNode[]>();
  for (const node of nodes) {
    const waitedFor = new Set<GraphNode>();
    for (const input of node.inputs) {
      const maker = input && makers.get(input);
      if (!maker) continue;
      waitedFor.add(maker);
      read.add(maker);
    }
    before.set(
      node,
      [...waitedFor].sort((a, b) => (indexOf.get(a) ?? 0) - (indexOf.get(b) ?? 0)),
    );
  }
  const order: GraphNode[] = [];
  const entered = new Set<GraphNode>();
  const stack: { readonly node: GraphNode; readonly leaving: boolean }[] = nodes
    .filter((node) => !read.has(node))
    .map((node) => ({ node, leaving: false }));
  for (let last = stack.pop(); last; last = stack.pop()) {
    const { node, leaving } = last;
    if (leaving) {
      order.push(node);
    } else if (!entered.has(node)) {
      entered.add(node);
      stack.push({ node, leaving: true });
      for (const maker of before.get(node) ?? []) if (!entered.has(maker)) stack.push({ node: maker, leaving: false });
    }
  }
  return order;
}
