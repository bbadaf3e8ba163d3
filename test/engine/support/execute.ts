import type { Graph } from '../../../src/engine/graph/graph.js';
import type { Value } from '../../../src/engine/graph/node.js';
import { staticShape } from '../../../src/engine/graph/tensor.js';
import { lower } from '../../../src/engine/lowering/lower.js';
import { writeModel } from '../../../src/engine/onnx/write-model.js';
import { channelBlock } from '../../../src/engine/runtime/channel-block.js';
import { Session, float32Tensor, int64Tensor } from '../../../src/engine/runtime/session.js';

export type InputData = Float32Array | BigInt64Array;

/** A graph in the runtime, ready to be run many times. */
export interface Program {
  /** Content of each output, in the order asked for. */
  run(inputs: ReadonlyMap<Value, InputData>): Promise<readonly Float64Array[]>;
  release(): Promise<void>;
}

/** `blocked`: convolutions over the runtime's blocked channels, where this machine has them. */
export type Layout = 'plain' | 'blocked';

export async function compile(graph: Graph, outputs: readonly Value[], layout: Layout = 'plain'): Promise<Program> {
  const lowered = lower(graph, outputs, {
    constantWeights: false,
    channelBlock: layout === 'blocked' ? await channelBlock() : null,
  });
  const named = new Map(outputs.map((output) => [lowered.valueOf(output), `output/${output.name}`]));
  const model = writeModel({
    graph: lowered.graph,
    outputs: new Map([...named].map(([value, name]) => [name, value])),
  });
  const session = await Session.create(model, { threads: 1 });
  return {
    run: async (inputs) => {
      const feeds = [...inputs].map(([{ name, shape }, data]) => {
        const sizes = staticShape(name, shape);
        return [name, data instanceof Float32Array ? float32Tensor(data, sizes) : int64Tensor(data, sizes)] as const;
      });
      const fetches = Object.fromEntries([...named.values()].map((name) => [name, null]));
      const results = await session.run(Object.fromEntries(feeds), fetches);
      return outputs.map((output) => {
        const data = results[named.get(lowered.valueOf(output)) ?? '']?.data;
        if (!(data instanceof Float32Array || data instanceof BigInt64Array || data instanceof Uint8Array)) {
          throw new Error(`"${output.name}" was not computed`);
        }
        return data instanceof BigInt64Array ? Float64Array.from(data, Number) : new Float64Array(data);
      });
    },
    release: () => session.release(),
  };
}

/** Runs a graph once. */
export async function execute(
  graph: Graph,
  outputs: readonly Value[],
  inputs: ReadonlyMap<Value, InputData> = new Map(),
  layout: Layout = 'plain',
): Promise<readonly Float64Array[]> {
  const program = await compile(graph, outputs, layout);
  try {
    return await program.run(inputs);
  } finally {
    await program.release();
  }
}
