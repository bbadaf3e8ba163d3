import { Injectable, Logger } from '@nestjs/common';
import { DecodingError, list, nullable, object, text } from '../common/codec.js';
import { Settings } from '../config/settings.js';
import { askPython } from './ask-python.js';
import { HOW_TO_INSTALL } from './python-program.js';
import type { PyTorchVersions } from './pytorch-versions.js';
import { type ProbedDevice, probedDeviceCodec, type RuntimeState } from './runtime-state.js';

/** Only what is installed is looked up; torch is not loaded. */
const VERSIONS_SECONDS = 10;
/** Loading torch from a disk that nothing was read from yet took up to 20 s. */
const PROBE_SECONDS = 60;

/** What is not installed is null. */
interface Installed {
  readonly python: string;
  readonly torch: string | null;
  readonly torchvision: string | null;
}

const packages = { python: text(), torch: text(), torchvision: text() };
const installedCodec = object<{ readonly versions: Installed }>({
  versions: object<Installed>({ python: text(), torch: nullable(text()), torchvision: nullable(text()) }),
});
const probedCodec = object<{ readonly versions: PyTorchVersions; readonly devices: readonly ProbedDevice[] }>({
  versions: object<PyTorchVersions>(packages),
  devices: list(probedDeviceCodec),
});

/** What is wanted of a runtime, and of which field it is wanted. */
interface Wanted {
  readonly runtime: string;
  readonly device: string;
  readonly precision: string;
}

export interface Unavailable {
  readonly field: keyof Wanted;
  readonly detail: string;
}

/** What can execute networks besides what is built in. Looked at once: what is installed later is found after a restart. */
@Injectable()
export class RuntimesService {
  private readonly logger = new Logger(RuntimesService.name);
  private readonly python: string;
  private installed: Promise<PyTorchVersions | null> | null = null;
  private probed: Promise<RuntimeState> | null = null;

  constructor({ python }: Settings) {
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

  /** Why a workload cannot be measured here; null where it can. Of the built-in runtime nothing has to be looked at. */
  async reasonAgainst({ runtime, device, precision }: Wanted): Promise<Unavailable | null> {
    if (runtime !== 'pytorch') return null;
    const { available, reason, devices } = await this.pytorch();
    if (!available) return { field: 'runtime', detail: `cannot be "pytorch" here: ${reason ?? ''}` };
    const found = devices.find((one) => one.device === device);
    if (found === undefined) {
      const there = devices.map((one) => `"${one.device}"`).join(', ');
      return { field: 'device', detail: `is "${device}", but PyTorch can compute on ${there} here.` };
    }
    if (found.precisions.includes(precision)) return null;
    const there = found.precisions.map((one) => `"${one}"`).join(', ');
    return { field: 'precision', detail: `is "${precision}", but ${device} computes in ${there} here.` };
  }

  private async lookUp(): Promise<PyTorchVersions | null> {
    const answer = await askPython(this.python, '--versions', VERSIONS_SECONDS);
    if (answer.kind === 'failed') return null;
    try {
      const { python, torch, torchvision } = installedCodec.decode(answer.result, 'answer').versions;
      return torch === null || torchvision === null ? null : { python, torch, torchvision };
    } catch (error) {
      if (error instanceof DecodingError) return null;
      throw error;
    }
  }

  private async probe(): Promise<RuntimeState> {
    const answer = await askPython(this.python, '--probe', PROBE_SECONDS);
    if (answer.kind === 'failed') return this.unavailable(answer.reason);
    try {
      const { versions, devices } = probedCodec.decode(answer.result, 'answer');
      return { runtime: 'pytorch', available: true, reason: null, versions: { ...versions }, devices };
    } catch (error) {
      return this.unavailable(String(error));
    }
  }

  private unavailable(why: string): RuntimeState {
    const reason = `${this.python} (PYTHON) has no torch and torchvision that work: ${why.replace(/\.$/, '')}. ${HOW_TO_INSTALL}`;
    this.logger.log(`runtime pytorch is not available: ${reason}`);
    return { runtime: 'pytorch', available: false, reason, versions: {}, devices: [] };
  }
}
