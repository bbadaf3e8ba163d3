import { Graph } from '../../engine/graph/graph.js';
import { writeModel } from '../../engine/onnx/write-model.js';
import { type ExecutionDevice, float32Data, float32Tensor, Session } from '../../engine/runtime/session.js';

const [CHANNELS, SIDE, KERNEL] = [4, 8, 3];
const IMAGE = [1, CHANNELS, SIDE, SIDE] as const;
const FILTERS = [CHANNELS, CHANNELS, KERNEL, KERNEL] as const;

/** A convolution, so that what a device needs for one (cuDNN, a shader) is loaded too. @throws Error with the reason */
export async function computeOnce(device: ExecutionDevice): Promise<void> {
  const graph = new Graph();
  const images = graph.input('images', 'float32', IMAGE);
  const filters = graph.input('filters', 'float32', FILTERS);
  const maps = graph.op('Conv', [images, filters], {
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
    group: 1,
  });
  const model = writeModel({ graph, outputs: new Map([['maps', maps]]) });
  const session = await Session.create(model, { threads: 1, device });
  const answer = await session.run({ images: ones(IMAGE), filters: ones(FILTERS) }, { maps: null });
  const wanted = CHANNELS * KERNEL * KERNEL;
  const wrong = float32Data(answer.maps, 'maps').find((value) => Math.abs(value - wanted) > 0.01 * wanted);
  if (wrong !== undefined) throw new Error(`a convolution of ones gave ${String(wrong)} instead of ${String(wanted)}`);
}

function ones(shape: readonly number[]): ReturnType<typeof float32Tensor> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return float32Tensor(new Float32Array(count).fill(1), shape);
}
