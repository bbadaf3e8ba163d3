import { join } from 'node:path';

/** What is started to measure, and how long it is waited for. */
export interface ChildProgram {
  readonly modulePath: string;
  readonly execArgv: readonly string[];
  /** From the start to the `ready` message. */
  readonly startSeconds: number;
  /** From SIGTERM to SIGKILL. */
  readonly graceSeconds: number;
}

/** Injection token of `ChildProgram`. */
export const CHILD_PROGRAM = Symbol('CHILD_PROGRAM');

export const MEASURING_PROGRAM: ChildProgram = {
  modulePath: join(__dirname, 'child', 'main.js'),
  // Outputs of the runtime are freed by the garbage collector alone, so the child has to be able to start it. On threads of
  // its own it gives memory back whenever they get a processor: beside other load, peaks of MobileNetV3-Small were 147 to
  // 166 MiB with them, and 162 to 164 without. The two halves of the space for new objects grow to 16 MiB each while the
  // graph is built, and are never given back, but the second is not always resident as a whole: peaks of 150 to 170 MiB
  // for one workload, of 136 to 138 with halves of 2 MiB, in which building takes no longer.
  execArgv: ['--expose-gc', '--single-threaded-gc', '--max-semi-space-size=2'],
  startSeconds: 30,
  graceSeconds: 2,
};

/** Variables that the child needs to find programs and libraries. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'SystemRoot', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'CUDA_VISIBLE_DEVICES'];

/**
 * The child's environment: nothing of the service's own that could change what is measured (`NODE_OPTIONS`,
 * `OMP_NUM_THREADS`) or that is none of its business.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv, temporaryFolder: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(
      INHERITED_VARIABLES.filter((name) => environment[name] !== undefined).map((name) => [name, environment[name]]),
    ),
    // By each system's name for it.
    TMPDIR: temporaryFolder,
    TEMP: temporaryFolder,
    TMP: temporaryFolder,
    // As nvidia-smi numbers GPUs; CUDA would number the fastest first.
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    // glibc then returns freed memory to the system: otherwise 256 MB were seen as the peak of a model that needs 192.
    MALLOC_MMAP_THRESHOLD_: '1048576',
    MALLOC_TRIM_THRESHOLD_: '1048576',
  };
}
