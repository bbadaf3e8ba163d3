import type { NodeCost } from '../../engine/costs/node-cost.js';
import { costKey } from '../../engine/costs/node-cost.js';
import type { GraphNode, Value } from '../../engine/graph/node.js';
import type { LoweredModel } from '../../engine/lowering/lower.js';
import type { NodeExecution, RunTrace } from '../../engine/runtime/trace.js';
import type { OperatorCost } from '../../profiles/step-trace.js';

/** Where names of nodes begin; the runtime writes before and behind them what it made of them. */
const NAME = /(?:forward|backward|optimizer)\/.*/;
/** What the runtime writes behind the name of a node that it laid out in blocked channels. */
const LAID_OUT = /_nchwc$/;

/**
 * What the network's own operators took of a traced run: each with all the nodes that it was lowered to. What the runtime
 * fused into another operator took no time of its own.
 *
 * @param costs of the network's graph, by node
 */
export function operatorCosts(
  run: RunTrace,
  model: LoweredModel,
  costs: ReadonlyMap<GraphNode, NodeCost>,
): readonly OperatorCost[] {
  const seconds = secondsByOrigin(run, model);
  const counted = new Map<string, OperatorCost>();
  for (const [node, cost] of costs) {
    const key = costKey(cost);
    const known = counted.get(key);
    counted.set(key, {
      ...cost,
      count: (known?.count ?? 0) + 1,
      seconds: (known?.seconds ?? 0) + (seconds.get(node) ?? 0),
    });
  }
  return [...counted.values()];
}

function secondsByOrigin(run: RunTrace, { graph, origins }: LoweredModel): ReadonlyMap<GraphNode, number> {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const seconds = new Map<GraphNode, number>();
  let origin: GraphNode | undefined;
  for (const execution of run) {
    const node = executedNode(execution, byName, makers);
    // Nodes that the runtime added, such as layout changes, serve the node before them.
    origin = (node && origins.get(node.name)) ?? origin;
    if (origin) seconds.set(origin, (seconds.get(origin) ?? 0) + execution.seconds);
  }
  return seconds;
}

/**
 * The node that most of an execution is of. A fused convolution is named after the last of the nodes in it, such as its
 * activation: the convolution is the nearest one before that.
 */
function executedNode(
  { name, operator }: NodeExecution,
  byName: ReadonlyMap<string, GraphNode>,
  makers: ReadonlyMap<Value, GraphNode>,
): GraphNode | undefined {
  const written = NAME.exec(name)?.[0] ?? name;
  const named = byName.get(written) ?? byName.get(written.replace(LAID_OUT, ''));
  if (!named || !operator.includes('Conv')) return named;
  let layer: readonly GraphNode[] = [named];
  const seen = new Set(layer);
  while (layer.length > 0) {
    const convolution = layer.find((node) => node.operator.includes('Conv'));
    if (convolution) return convolution;
    layer = layer.flatMap(({ inputs }) =>
      inputs.flatMap((input) => {
        const maker = input ? makers.get(input) : undefined;
        if (!maker || seen.has(maker)) return [];
        seen.add(maker);
        return [maker];
      }),
    );
  }
  return named;
}
