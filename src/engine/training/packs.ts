import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { concat, reshape } from '../graph/ops.js';
import { at, elementCount } from '../graph/tensor.js';
import type { StateTensor } from '../nn/network.js';

/**
 * Tensors of the state that lie side by side in one input, so that a step moves them all with a few nodes: most of a
 * network's tensors are so small that the runtime takes longer to come to a node than to compute it.
 */
export interface Pack {
  /** `[elements of all tensors]` */
  readonly input: Value;
  readonly tensors: readonly StateTensor[];
}

/** Where a tensor lies in its pack. */
export interface PackPlace {
  /** Name of the pack's input. */
  readonly pack: string;
  readonly start: number;
  readonly end: number;
}

/** Puts inputs of the graph into a pack, of which they become parts. */
export function packed(g: Graph, name: string, tensors: readonly StateTensor[]): Pack {
  const sizes = tensors.map(({ shape }) => elementCount(shape));
  const input = g.input(name, 'float32', [sizes.reduce((sum, size) => sum + size, 0)]);
  const values = tensors.flatMap(({ value }) => (value ? [value] : []));
  g.computeInputs(values, () => {
    const parts = g.ops('Split', [input, g.int64(sizes)], { axis: 0, $parts: sizes.length });
    return tensors.map(({ shape }, index) =>
      shape.length === 1 ? at(parts, index) : reshape(g, at(parts, index), shape),
    );
  });
  return { input, tensors };
}

/** Values side by side, in the order of a pack's tensors. */
export function sideBySide(g: Graph, values: readonly Value[]): Value {
  const flat = values.map((value) => (value.shape.length === 1 ? value : reshape(g, value, [-1])));
  return concat(g, flat, 0);
}

/** The place of every packed tensor, by its name. */
export function placesOf(packs: readonly Pack[]): ReadonlyMap<string, PackPlace> {
  const places = new Map<string, PackPlace>();
  for (const { input, tensors } of packs) {
    let start = 0;
    for (const { name, shape } of tensors) {
      const end = start + elementCount(shape);
      places.set(name, { pack: input.name, start, end });
      start = end;
    }
  }
  return places;
}
