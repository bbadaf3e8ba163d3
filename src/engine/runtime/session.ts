import './disable-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { UNRETURNABLE_OUTPUT } from '../onnx/write-model.js';

export type { Tensor } from 'onnxruntime-node';

/** What a model is executed on; GPUs by CUDA's numbers, `webgpu` by whatever the system has for that. */
export type ExecutionDevice = 'cpu' | `cuda:${number}` | 'webgpu';

/** How the runtime executes a model. */
export interface SessionOptions {
  readonly threads: number;
  /** By default the CPU. */
  readonly device?: ExecutionDevice;
  /** Path and start of the name of the trace file; none is written without it. */
  readonly tracePrefix?: string;
  /**
   * Called when the model is written and the runtime has not read it yet: what writing has left, several copies of the
   * weights, would be held beside the runtime's own until JavaScript comes to collect it.
   */
  readonly collectGarbage?: () => void;
}

/** What onnxruntime-node 1.30 throws, the run done, where an output that it comes to is a list. */
const UNRETURNABLE_ERROR = 'Non tensor type is temporarily not supported.';

/**
 * Whether the runtime rewrites a model before it runs it. That fuses operators and lays out constant weights, but takes
 * time that grows with the square of the nodes.
 */
export type Rewriting = 'all' | 'none';

/** A model loaded into onnxruntime. */
export class Session {
  private constructor(private readonly session: InferenceSession) {}

  static async create(
    model: Uint8Array,
    { threads, device = 'cpu', tracePrefix, collectGarbage }: SessionOptions,
    rewriting: Rewriting = 'all',
  ): Promise<Session> {
    collectGarbage?.();
    const session = await InferenceSession.create(model, {
      executionProviders: executionProviders(device),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: rewriting === 'all' ? 'all' : 'disabled',
      // Planned memory is allocated beside what the first run had taken: the peak of a training step is 1.7 times as high,
      // and the trace shows one block instead of the memory in use.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          // Most operators take less time than it takes a thread to wake up, so it spins a little before it goes to sleep;
          // but one that spins for long takes the core from whoever else has work on a shared machine (bench/README.md).
          intra_op: { allow_spinning: '1', spin_duration_us: '200' },
          // Numbers below 1e-38, as a learning rate times a vanishing gradient, take a processor a hundred times as long.
          set_denormal_as_zero: '1',
        },
      },
      ...(tracePrefix === undefined ? {} : { enableProfiling: true, profileFilePrefix: tracePrefix }),
    });
    return new Session(session);
  }

  /**
   * Executes the model.
   *
   * onnxruntime-node copies every output to new memory once the run is done, one by one in the model's order, also those
   * that are written in place: of a training step all parameters and velocities, a gibibyte for VGG-16. It gives up at
   * the first output that is not a tensor. So a model whose outputs are all written in place has such an output before
   * all others, and its runs end with this error (docs/decisions/0004).
   *
   * @param feeds by input; what the model does not take is passed over
   * @param into outputs to be computed; those given as a tensor are written in place, those given as null are returned
   *   in new memory
   */
  async run(
    feeds: Readonly<Record<string, Tensor>>,
    into: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const taken = this.session.inputNames.flatMap((name) => (feeds[name] ? [[name, feeds[name]] as const] : []));
    if (!this.session.outputNames.includes(UNRETURNABLE_OUTPUT)) {
      return this.session.run(Object.fromEntries(taken), into);
    }
    const outputs = given(into);
    try {
      await this.session.run(Object.fromEntries(taken), { ...into, [UNRETURNABLE_OUTPUT]: null });
    } catch (error) {
      if ((error as Partial<Error>).message !== UNRETURNABLE_ERROR) throw error;
    }
    return outputs;
  }

  /** Writes the trace out, where one was asked for. */
  endTrace(): void {
    this.session.endProfiling();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/**
 * Who executes the operators, in the order in which they are asked. A GPU that cannot be had is an error of `create`; an
 * operator that a GPU's provider does not know is executed by the CPU, as are, on any machine, the com.microsoft operators
 * that only the CPU has.
 */
export function executionProviders(
  device: ExecutionDevice,
): readonly (
  { readonly name: 'cuda'; readonly deviceId: number } | { readonly name: 'webgpu' } | { readonly name: 'cpu' }
)[] {
  if (device === 'cpu') return [{ name: 'cpu' }];
  if (device === 'webgpu') return [{ name: 'webgpu' }, { name: 'cpu' }];
  return [{ name: 'cuda', deviceId: Number(device.slice('cuda:'.length)) }, { name: 'cpu' }];
}

/** @throws TypeError where an output has no memory */
function given(into: Readonly<Record<string, Tensor | null>>): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(into).map(([name, tensor]) => {
      if (!tensor) throw new TypeError(`output "${name}" needs memory: this model returns nothing`);
      return [name, tensor];
    }),
  );
}

export function float32Tensor(data: Float32Array, shape: readonly number[]): Tensor {
  return new Tensor('float32', data, [...shape]);
}

export function int64Tensor(data: BigInt64Array, shape: readonly number[]): Tensor {
  return new Tensor('int64', data, [...shape]);
}

export function boolTensor(data: Uint8Array, shape: readonly number[]): Tensor {
  return new Tensor('bool', data, [...shape]);
}

/** The content of a float32 tensor. @throws TypeError when it holds another type. */
export function float32Data(tensor: Tensor | undefined, name: string): Float32Array {
  const data = tensor?.data;
  if (!(data instanceof Float32Array)) throw new TypeError(`output "${name}" is not a float32 tensor`);
  return data;
}

/** The content of an int64 tensor. @throws TypeError when it holds another type. */
export function int64Data(tensor: Tensor | undefined, name: string): BigInt64Array {
  const data = tensor?.data;
  if (!(data instanceof BigInt64Array)) throw new TypeError(`output "${name}" is not an int64 tensor`);
  return data;
}
