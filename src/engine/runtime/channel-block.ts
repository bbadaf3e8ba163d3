import { Graph } from '../graph/graph.js';
import { writeModel } from '../onnx/write-model.js';
import { Session, float32Data, float32Tensor } from './session.js';

const PROBE_SHAPE = [1, 32, 1, 2] as const;

let probed: Promise<number | null> | null = null;

/**
 * Channels of a block of the runtime's blocked layout on this machine (16 with AVX-512, 8 with AVX2), or null where the
 * runtime has none. The runtime does not say, so it is seen from where the second channel goes.
 */
export function channelBlock(): Promise<number | null> {
  probed ??= probe();
  return probed;
}

async function probe(): Promise<number | null> {
  const graph = new Graph();
  const x = graph.input('x', 'float32', PROBE_SHAPE);
  const model = writeModel({
    graph,
    outputs: new Map([['y', graph.op('ReorderInput', [x], { $paddedChannels: PROBE_SHAPE[1] })]]),
  });
  let session: Session | null = null;
  try {
    session = await Session.create(model, { threads: 1 });
    const data = Float32Array.from({ length: 64 }, (_, index) => index);
    const { y } = await session.run({ x: float32Tensor(data, PROBE_SHAPE) }, { y: null });
    // Element 1 is the second position of the first channel: it follows all channels of the first block.
    const block = float32Data(y, 'y').indexOf(1);
    return block > 1 ? block : null;
  } catch {
    // A build without the blocked layout refuses the operator.
    return null;
  } finally {
    await session?.release();
  }
}
