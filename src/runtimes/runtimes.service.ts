import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { DecodingError, list, nullable, nullWhereMissing, object, text } from '../common/codec.js';
import { Settings } from '../config/settings.js';
import { askPython } from './ask-python.js';
import { cudaAdvice } from './cuda-advice.js';
import { HOW_TO_INSTALL } from './python-program.js';
import { DEFAULT_PROBE_PROGRAM, PROBE_PROGRAM, probeDevice, type ProbeProgram } from './probe-device.js';
import { type PyTorchVersions, versionsCodec } from './pytorch-versions.js';
import {
  type ProbedDevice,
  probedDeviceCodec,
  type RuntimeState,
  type UnavailableDevice,
  unavailableDeviceCodec,
} from './runtime-state.js';

/** Only what is installed is looked up; torch is not loaded. */
const VERSIONS_SECONDS = 10;
/** Loading torch from a disk that nothing was read from yet took up to 20 s. */
const PROBE_SECONDS = 90;
/** Of one machine; CUDA numbers them without gaps. */
const MOST_GPUS = 16;

/** What is not installed is null. */
interface Installed {
  readonly python: string;
  readonly torch: string | null;
  readonly torchvision: string | null;
  readonly cuda: string | null;
}

const installedCodec = object<{ readonly versions: Installed }>({
  versions: object<Installed>({
    python: text(),
    torch: nullable(text()),
    torchvision: nullable(text()),
    cuda: nullWhereMissing(nullable(text())),
  }),
});
const probedCodec = object<{
  readonly versions: PyTorchVersions;
  readonly devices: readonly ProbedDevice[];
  readonly unavailable: readonly UnavailableDevice[] | null;
}>({
  versions: versionsCodec,
  devices: list(probedDeviceCodec),
  unavailable: nullWhereMissing(nullable(list(unavailableDeviceCodec))),
});

/** What is wanted of a runtime, and of which field it is wanted. */
interface Wanted {
  readonly runtime: string;
  readonly device: string;
  readonly precision: string;
}

export interface Unavailable {
  readonly problem: 'runtime-unavailable' | 'device-unavailable';
  readonly field: keyof Wanted;
  readonly detail: string;
}

/** What can execute networks, and on what. Looked at once: what is installed later is found after a restart. */
@Injectable()
export class RuntimesService {
  private readonly logger = new Logger(RuntimesService.name);
  private readonly python: string;
  private installed: Promise<PyTorchVersions | null> | null = null;
  private probed: Promise<RuntimeState> | null = null;
  private builtIn: Promise<Pick<RuntimeState, 'devices' | 'unavailableDevices'>> | null = null;

  constructor(
    { python }: Settings,
    @Optional() @Inject(PROBE_PROGRAM) private readonly probeProgram: ProbeProgram = DEFAULT_PROBE_PROGRAM,
  ) {
    this.python = python;
  }

  /** Versions of the installed packages, without loading them; null where one is missing, or Python. */
  pytorchVersions(): Promise<PyTorchVersions | null> {
    this.installed ??= this.lookUp();
    return this.installed;
  }

  /** Loads torch, the first time. Never rejects. */
  pytorch(): Promise<RuntimeState> {
    this.probed ??= this.probe();
    return this.probed;
  }

  /** On what onnxruntime can compute, by trying each device in a process of its own, the first time. Never rejects. */
  onnxruntimeDevices(): Promise<Pick<RuntimeState, 'devices' | 'unavailableDevices'>> {
    this.builtIn ??= this.tryDevices();
    return this.builtIn;
  }

  /** Why a workload cannot be measured here; null where it can. Of the built-in runtime on the CPU nothing has to be looked at. */
  async reasonAgainst({ runtime, device, precision }: Wanted): Promise<Unavailable | null> {
    if (runtime !== 'pytorch') {
      return device === 'cpu' ? null : deviceProblem('onnxruntime', await this.onnxruntimeDevices(), device);
    }
    const state = await this.pytorch();
    if (!state.available) {
      const detail = `cannot be "pytorch" here: ${state.reason ?? ''}`;
      return { problem: 'runtime-unavailable', field: 'runtime', detail };
    }
    const found = state.devices.find((one) => one.device === device);
    if (found === undefined) return deviceProblem('PyTorch', state, device);
    if (found.precisions.includes(precision)) return null;
    const detail = `is "${precision}", but ${device} computes in ${quoted(found.precisions)} here.`;
    return { problem: 'runtime-unavailable', field: 'precision', detail };
  }

  private async tryDevices(): Promise<Pick<RuntimeState, 'devices' | 'unavailableDevices'>> {
    const devices: ProbedDevice[] = [{ device: 'cpu', name: null, precisions: ['fp32'] }];
    const unavailableDevices: UnavailableDevice[] = [];
    const tries = async (device: string, adviceFor: (reason: string) => string): Promise<boolean> => {
      const reason = await probeDevice(this.probeProgram, device);
      if (reason === null) devices.push({ device, name: null, precisions: ['fp32'] });
      else unavailableDevices.push({ device, reason: `${reason.replace(/\.$/, '')}. ${adviceFor(reason)}`.trim() });
      return reason === null;
    };
    for (let index = 0; index < MOST_GPUS; index++) {
      // The first that does not work is the end of them, or what none of them works for.
      if (!(await tries(`cuda:${String(index)}`, cudaAdvice))) break;
    }
    await tries('webgpu', () => '');
    return { devices, unavailableDevices };
  }

  private async lookUp(): Promise<PyTorchVersions | null> {
    const answer = await askPython(this.python, '--versions', VERSIONS_SECONDS);
    if (answer.kind === 'failed') return null;
    try {
      const { python, torch, torchvision, cuda } = installedCodec.decode(answer.result, 'answer').versions;
      return torch === null || torchvision === null ? null : { python, torch, torchvision, cuda };
    } catch (error) {
      if (error instanceof DecodingError) return null;
      throw error;
    }
  }

  private async probe(): Promise<RuntimeState> {
    const answer = await askPython(this.python, '--probe', PROBE_SECONDS);
    if (answer.kind === 'failed') return this.unavailable(answer.reason);
    try {
      const { versions, devices, unavailable } = probedCodec.decode(answer.result, 'answer');
      return {
        runtime: 'pytorch',
        available: true,
        reason: null,
        versions: told(versions),
        devices,
        unavailableDevices: unavailable ?? [],
      };
    } catch (error) {
      return this.unavailable(String(error));
    }
  }

  private unavailable(why: string): RuntimeState {
    const reason = `${this.python} (PYTHON) has no torch and torchvision that work: ${why.replace(/\.$/, '')}. ${HOW_TO_INSTALL}`;
    this.logger.log(`runtime pytorch is not available: ${reason}`);
    return { runtime: 'pytorch', available: false, reason, versions: {}, devices: [], unavailableDevices: [] };
  }
}

/** Those that are known. */
function told(versions: PyTorchVersions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(versions).flatMap(([name, version]) => (version === null ? [] : [[name, String(version)] as const])),
  );
}

function deviceProblem(
  runtime: string,
  { devices, unavailableDevices }: Pick<RuntimeState, 'devices' | 'unavailableDevices'>,
  device: string,
): Unavailable | null {
  const works = devices.map((one) => one.device);
  if (works.includes(device)) return null;
  // Where already the first does not work, none does.
  const ofAll = device.startsWith('cuda:') ? ['cuda', 'cuda:0'] : [];
  const tried = [device, ...ofAll].flatMap((name) => unavailableDevices.filter((one) => one.device === name))[0];
  const why = tried?.reason.replace(/\.$/, '') ?? 'there is no such device';
  const detail = `is "${device}", but ${runtime} cannot compute on it here: ${why}. It can compute on ${quoted(works)}.`;
  return { problem: 'device-unavailable', field: 'device', detail };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
