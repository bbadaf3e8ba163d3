import type { NumberedNodes } from './numbered-nodes.js';

/**
 * Places of nodes in the order in which onnxruntime's sequential executor comes to them: depth first from those whose
 * results no other reads, the last of them first; and of what a node waits for, what stands last first.
 *
 * @param numbered nodes in an order in which they can be executed
 */
export function executionOrder({ nodes, values, operands, results }: NumberedNodes): readonly number[] {
  const makers = new Int32Array(values.length).fill(-1);
  results.forEach((made, place) => {
    for (const value of made) makers[value] = place;
  });
  const isRead = new Uint8Array(nodes.length);
  for (const read of operands) {
    for (const value of read) {
      const maker = makers[value] ?? -1;
      if (maker >= 0) isRead[maker] = 1;
    }
  }
  const order: number[] = [];
  const entered = new Uint8Array(nodes.length);
  // A node that is left, with all that it waits for done, lies here as -1 - its place.
  const stack: number[] = [];
  for (let place = 0; place < nodes.length; place++) if (isRead[place] === 0) stack.push(place);
  for (let last = stack.pop(); last !== undefined; last = stack.pop()) {
    if (last < 0) {
      order.push(-1 - last);
    } else if (entered[last] === 0) {
      entered[last] = 1;
      stack.push(-1 - last);
      const bottom = stack.length;
      for (const value of operands[last] ?? []) {
        const maker = makers[value] ?? -1;
        if (maker >= 0 && entered[maker] === 0) pushSorted(stack, bottom, maker);
      }
    }
  }
  return order;
}

/** Puts a place among those from `bottom` on, which rise; what is there already is not put there again. */
function pushSorted(stack: number[], bottom: number, place: number): void {
  let index = stack.length;
  while (index > bottom && (stack[index - 1] ?? 0) > place) index--;
  if (index > bottom && stack[index - 1] === place) return;
  stack.push(place);
  for (let upper = stack.length - 1; upper > index; upper--) stack[upper] = stack[upper - 1] ?? 0;
  stack[index] = place;
}
