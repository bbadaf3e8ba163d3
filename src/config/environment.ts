import { resolve } from 'node:path';
import { applyDecorators } from '@nestjs/common';
import { plainToInstance, Transform } from 'class-transformer';
import { IsIn, IsNotEmpty, IsOptional, ValidateBy, validateSync } from 'class-validator';
import { InvalidEnvironmentError } from './invalid-environment.error.js';
import { LOG_LEVELS, Settings, type LogLevel } from './settings.js';

const DEFAULT_PROFILES_DIRECTORY = resolve(__dirname, '../../profiles');
const MEBIBYTE = 1024 * 1024;

/** `Number('')` is 0 and `Number('0x10')` is 16: only decimal figures are taken for numbers, the rest is left to fail. */
const AsNumber = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
  );

interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** @param kind such as "a whole number" or "a number of seconds" */
function NumberFrom(kind: string, { minimum, maximum }: Range, isKind: (value: number) => boolean): PropertyDecorator {
  return applyDecorators(
    AsNumber(),
    ValidateBy({
      name: 'range',
      validator: {
        validate: (value) => typeof value === 'number' && isKind(value) && value >= minimum && value <= maximum,
        defaultMessage: () => `must be ${kind} from ${String(minimum)} to ${String(maximum)}`,
      },
    }),
  );
}

const WholeNumberFrom = (minimum: number, maximum: number): PropertyDecorator =>
  NumberFrom('a whole number', { minimum, maximum }, Number.isInteger);

const SecondsFrom = (minimum: number, maximum: number): PropertyDecorator =>
  NumberFrom('a number of seconds', { minimum, maximum }, Number.isFinite);

/** The variables that the service reads, as they are written in the environment. */
class Environment {
  @WholeNumberFrom(0, 65_535)
  PORT = 8000;

  /** Whoever reaches the service can occupy the machine, so only the machine itself does unless told otherwise. */
  @IsNotEmpty({ message: 'must be an address to listen on, such as 127.0.0.1 (this machine alone) or 0.0.0.0 (all)' })
  HOST = '127.0.0.1';

  @IsNotEmpty({ message: 'must be the path of a folder, absolute or from the working directory' })
  PROFILES_DIR: string = DEFAULT_PROFILES_DIRECTORY;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: LogLevel = 'info';

  @IsOptional()
  @WholeNumberFrom(4, 100_000)
  MEASURE_MAX_STEPS?: number;

  @IsOptional()
  @SecondsFrom(1, 86_400)
  MEASURE_MAX_SECONDS?: number;

  @IsOptional()
  @SecondsFrom(1, 86_400)
  MEASURE_TIMEOUT_SECONDS?: number;

  @IsOptional()
  @NumberFrom('a whole number of bytes', { minimum: MEBIBYTE, maximum: Number.MAX_SAFE_INTEGER }, Number.isInteger)
  MEMORY_BUDGET_BYTES?: number;

  @WholeNumberFrom(1, 10_000)
  MAX_QUEUED_JOBS = 32;

  @IsNotEmpty({ message: 'must be the name or the path of a Python, such as python3 or /opt/venv/bin/python' })
  PYTHON = 'python3';

  @IsIn(['auto', 'own'], {
    message:
      "must be auto, or own where NVIDIA's driver tells the numbers that processes have in this container, as newer ones do",
  })
  GPU_PROCESS_IDS: 'auto' | 'own' = 'auto';
}

const VARIABLES = [
  'PORT',
  'HOST',
  'PROFILES_DIR',
  'LOG_LEVEL',
  'MEASURE_MAX_STEPS',
  'MEASURE_MAX_SECONDS',
  'MEASURE_TIMEOUT_SECONDS',
  'MEMORY_BUDGET_BYTES',
  'MAX_QUEUED_JOBS',
  'PYTHON',
  'GPU_PROCESS_IDS',
] as const satisfies readonly (keyof Environment)[];

/**
 * Reads the settings of the service.
 *
 * @throws InvalidEnvironmentError naming each wrong variable, its value and what would be right
 */
export function readSettings(variables: NodeJS.ProcessEnv): Settings {
  const given = VARIABLES.filter((name) => variables[name] !== undefined);
  const environment = plainToInstance(Environment, Object.fromEntries(given.map((name) => [name, variables[name]])), {
    exposeDefaultValues: true,
  });
  const errors = validateSync(environment);
  if (errors.length > 0) {
    throw new InvalidEnvironmentError(
      errors.map(({ property, value, constraints }) => ({
        variable: property,
        value: String(value),
        expectation: Object.values(constraints ?? {})[0] ?? 'is not valid',
      })),
    );
  }
  return new Settings({
    host: environment.HOST,
    port: environment.PORT,
    profilesDirectory: resolve(environment.PROFILES_DIR),
    logLevel: environment.LOG_LEVEL,
    measuring: withoutUndefined({
      maxSteps: environment.MEASURE_MAX_STEPS,
      maxSeconds: environment.MEASURE_MAX_SECONDS,
      timeoutSeconds: environment.MEASURE_TIMEOUT_SECONDS,
      memoryBudgetBytes: environment.MEMORY_BUDGET_BYTES,
    }),
    maxQueuedJobs: environment.MAX_QUEUED_JOBS,
    python: environment.PYTHON,
    ...(environment.GPU_PROCESS_IDS === 'own' && { hasOwnGpuProcessIds: true }),
  });
}

/** A member that is undefined would still take the place of a default. */
function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
