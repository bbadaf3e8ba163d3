import './disable-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export type { Tensor } from 'onnxruntime-node';

/** How the runtime executes a model. */
export interface SessionOptions {
  readonly threads: number;
  /** Path and start of the name of the trace file; none is written without it. */
  readonly tracePrefix?: string;
}

/**
 * Whether the runtime rewrites a model before it runs it. That fuses operators and lays out constant weights, but takes
 * time that grows with the square of the nodes.
 */
export type Rewriting = 'all' | 'none';

/** A model loaded into onnxruntime, on the CPU. */
export class Session {
  private constructor(private readonly session: InferenceSession) {}

  static async create(
    model: Uint8Array,
    { threads, tracePrefix }: SessionOptions,
    rewriting: Rewriting = 'all',
  ): Promise<Session> {
    const session = await InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: rewriting === 'all' ? 'all' : 'disabled',
      // Planned memory is allocated beside what the first run had taken: the peak of a training step is 1.7 times as high,
      // and the trace shows one block instead of the memory in use.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          // Threads that wait for work by spinning take the cores from whoever else has work on a shared machine.
          intra_op: { allow_spinning: '0' },
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
   * @param feeds by input; what the model does not take is passed over
   * @param into outputs to be computed; those given as a tensor are written in place, those given as null are returned
   *   in new memory
   */
  async run(
    feeds: Readonly<Record<string, Tensor>>,
    into: Readonly<Record<string, Tensor | null>>,
  ): Promise<Readonly<Record<string, Tensor>>> {
    const taken = this.session.inputNames.flatMap((name) => (feeds[name] ? [[name, feeds[name]] as const] : []));
    return this.session.run(Object.fromEntries(taken), into);
  }

  /** Writes the trace out, where one was asked for. */
  endTrace(): void {
    this.session.endProfiling();
  }

  async release(): Promise<void> {
    await this.session.release();
  }
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
