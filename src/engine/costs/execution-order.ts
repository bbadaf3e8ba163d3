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
  const before = operands.map((read) => {
    const waitedFor: number[] = [];
    for (const value of read) {
      const maker = makers[value] ?? -1;
      if (maker < 0) continue;
      isRead[maker] = 1;
      if (!waitedFor.includes(maker)) waitedFor.push(maker);
    }
    return waitedFor.length > 1 ? waitedFor.sort((a, b) => a - b) : waitedFor;
  });
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
      for (const maker of before[last] ?? []) if (entered[maker] === 0) stack.push(maker);
    }
  }
  return order;
}
