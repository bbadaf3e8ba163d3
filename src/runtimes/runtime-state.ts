import { choice, flag, list, nullable, object, record, text } from '../common/codec.js';

/** A device on which something was computed when it was looked at. */
export interface ProbedDevice {
  /** `cpu`, `cuda:N` or `webgpu`. */
  readonly device: string;
  /** Null for a CPU. */
  readonly name: string | null;
  readonly precisions: readonly string[];
}

export const probedDeviceCodec = object<ProbedDevice>({
  device: text('`cpu`, `cuda:N` or `webgpu`, as requests say it.'),
  name: nullable(text('Of a GPU.')),
  precisions: list(text(), 'In which it can compute.'),
});

/** One on which nothing can be computed. */
export interface UnavailableDevice {
  /** `cuda` where it is so for all of CUDA's. */
  readonly device: string;
  readonly reason: string;
}

export const unavailableDeviceCodec = object<UnavailableDevice>({
  device: text('As requests say it; `cuda` for all of them.'),
  reason: text('What was said when it was tried, and what would help where that is known.'),
});

/** What can execute networks here, or why it cannot. */
export interface RuntimeState {
  readonly runtime: 'onnxruntime' | 'pytorch';
  readonly available: boolean;
  /** Null where it is available. */
  readonly reason: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly devices: readonly ProbedDevice[];
  readonly unavailableDevices: readonly UnavailableDevice[];
}

export const runtimeStatesCodec = list(
  object<RuntimeState>({
    runtime: choice(['onnxruntime', 'pytorch']),
    available: flag(),
    reason: nullable(text('Why it is not available, and what would make it so.')),
    versions: record(text(), 'By the name of the package.'),
    devices: list(probedDeviceCodec, 'Those that were tried and work.'),
    unavailableDevices: list(unavailableDeviceCodec, 'Those that were tried and do not.'),
  }),
  'What can execute networks, as it was found when first asked for; looked at again when the service starts.',
);
