import type { Graph } from './graph.js';
import type { GraphNode, Value } from './node.js';
import type { OperatorName } from './operators.js';

/**
 * Operands of which the runtime reads each element before it writes the result's element at the same place, and none
 * after, so that the result may lie in their memory (test/engine/runtime/in-place.spec.ts).
 */
const READ_AS_WRITTEN: ReadonlyMap<OperatorName, number> = new Map<OperatorName, number>([
  ['FusedConv', 3],
  ['Gemm', 2],
]);

/** Which nodes of a graph have to be executed before which, whatever order the runtime chooses. */
export class Dependencies {
  private readonly makers = new Map<Value, GraphNode>();
  private readonly users = new Map<Value, GraphNode[]>();
  private readonly places = new Map<GraphNode, number>();
  private readonly outputs: ReadonlySet<Value>;

  /** @param outputs what the run gives out */
  constructor(
    private readonly graph: Graph,
    outputs: Iterable<Value> = [],
  ) {
    this.outputs = new Set(outputs);
    for (const [place, node] of graph.nodes.entries()) {
      this.places.set(node, place);
      for (const output of node.outputs) this.makers.set(output, node);
      for (const operand of node.inputs) {
        if (!operand) continue;
        const users = this.users.get(operand);
        if (users) users.push(node);
        else this.users.set(operand, [node]);
      }
    }
  }

  /** Undefined for inputs and constants. */
  makerOf(value: Value): GraphNode | undefined {
    return this.makers.get(value);
  }

  /**
   * Nodes that compute with an input: they read it, or what is made of it and constants alone. What is made of it counts
   * as itself, for the runtime may make it later than where it stands, or once for each reader.
   */
  readersOf(input: Value): readonly GraphNode[] {
    return this.usesOf(input).readers;
  }

  /** Those of `nodes` that the maker of `value` does not wait for, itself included. */
  notBefore(value: Value, nodes: readonly GraphNode[]): readonly GraphNode[] {
    const before = this.ancestorsOf(value, nodes);
    return nodes.filter((node) => !before.has(node));
  }

  /** Whether `update` may be written into the memory of `input`: all that reads the old content is done by then. */
  mayReplace(input: Value, update: Value): boolean {
    const { readers, forms } = this.usesOf(input);
    const maker = this.makers.get(update);
    if (!maker || forms.has(update) || !this.readsAsItWrites(maker, input)) return false;
    const others = readers.filter((node) => node !== maker);
    return others.length === 0 || this.notBefore(update, others).length === 0;
  }

  private usesOf(input: Value): { readonly readers: readonly GraphNode[]; readonly forms: ReadonlySet<Value> } {
    const forms = new Set([input]);
    const readers = new Set<GraphNode>();
    // Values that are added while the set is gone through are gone through too.
    for (const form of forms) {
      for (const node of this.users.get(form) ?? []) {
        const isForm =
          isReshaped(node, form) ||
          node.inputs.every((operand) => !operand || forms.has(operand) || this.graph.constants.has(operand));
        if (isForm) {
          readers.delete(node);
          for (const output of node.outputs) forms.add(output);
        } else {
          readers.add(node);
        }
      }
    }
    // Nobody else computes with a form that is given out, so its maker has to be waited for.
    for (const form of forms) {
      const maker = this.makers.get(form);
      if (maker && this.outputs.has(form)) readers.add(maker);
    }
    return { readers: [...readers], forms };
  }

  private readsAsItWrites({ operator, inputs }: GraphNode, input: Value): boolean {
    const allowed = READ_AS_WRITTEN.get(operator);
    return inputs.every((operand, index) => operand === null || index === allowed || !this.liesIn(operand, input));
  }

  /** Whether a value lies in the memory of `input`: Reshape does not copy. */
  private liesIn(value: Value, input: Value): boolean {
    const maker = this.makers.get(value);
    const reshaped = maker?.operator === 'Reshape' ? maker.inputs[0] : null;
    return value === input || (reshaped ? this.liesIn(reshaped, input) : false);
  }

  /** Those of `wanted` whose results the maker of `value` needs. */
  private ancestorsOf(value: Value, wanted: readonly GraphNode[]): ReadonlySet<GraphNode> {
    const maker = this.makers.get(value);
    const reached = new Set(maker ? [maker] : []);
    const last = maker ? this.placeOf(maker) : -1;
    // Each node stands behind those that it needs: what stands behind the maker is none of them ...
    const missing = new Set(wanted.filter((node) => this.placeOf(node) < last));
    // ... and what stands before all that is still to be found needs none of it.
    const firstMissing = (): number => Math.min(...Array.from(missing, (node) => this.placeOf(node)));
    const found = new Set<GraphNode>();
    let first = firstMissing();
    // Nodes that are added while the set is gone through are gone through too: nearest first, as the wanted ones are near.
    for (const node of reached) {
      if (missing.size === 0) break;
      for (const operand of node.inputs) {
        const needed = operand ? this.makers.get(operand) : undefined;
        if (!needed || this.placeOf(needed) < first) continue;
        reached.add(needed);
        if (!missing.delete(needed)) continue;
        found.add(needed);
        first = firstMissing();
      }
    }
    return found;
  }

  private placeOf(node: GraphNode): number {
    return this.places.get(node) ?? Infinity;
  }
}

/** Whether a node gives a value in another shape: in the same memory, for Reshape does not copy. */
function isReshaped({ operator, inputs }: GraphNode, value: Value): boolean {
  return operator === 'Reshape' && inputs[0] === value;
}
