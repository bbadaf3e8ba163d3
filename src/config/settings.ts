/** Levels of the log, from the most talkative to none at all. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Limits of a measurement, as far as they are set; what profiling takes by default it knows itself. */
export interface MeasuringSettings {
  readonly maxSteps?: number;
  readonly maxSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly memoryBudgetBytes?: number;
}

/** How this process of the service is set up. Injectable by its class; the environment is read once, at boot. */
export class Settings {
  readonly host: string;
  readonly port: number;
  /** Absolute path of the folder of profiles. */
  readonly profilesDirectory: string;
  readonly logLevel: LogLevel;
  readonly measuring: MeasuringSettings;
  /** Measurements that may wait for their turn. */
  readonly maxQueuedJobs: number;
  /** The Python that may have torch and torchvision: a name on the path, or a file. */
  readonly python: string;
  /** Whether the driver of the GPUs is known to tell the numbers that processes have here, though this is a container. */
  readonly hasOwnGpuProcessIds?: boolean;

  constructor(values: Settings) {
    this.host = values.host;
    this.port = values.port;
    this.profilesDirectory = values.profilesDirectory;
    this.logLevel = values.logLevel;
    this.measuring = values.measuring;
    this.maxQueuedJobs = values.maxQueuedJobs;
    this.python = values.python;
    if (values.hasOwnGpuProcessIds === true) this.hasOwnGpuProcessIds = true;
  }
}
