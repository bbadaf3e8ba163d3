import { join } from 'node:path';

/** The one file of Python, which the build puts beside this one. */
export const PYTORCH_SCRIPT = join(__dirname, 'pytorch.py');

/** What a person has to install, by either way. */
export const HOW_TO_INSTALL =
  'Install them (Debian and Ubuntu: apt-get install python3-torch python3-torchvision libopenblas0-pthread; elsewhere: ' +
  'pip install torch torchvision numpy), set PYTHON to the Python that has them if it is not python3 on the path, and start the service again.';

/** Variables that change which Python and which libraries are found. */
const INHERITED_VARIABLES = ['PATH', 'HOME', 'SystemRoot', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'CUDA_VISIBLE_DEVICES'];

/** The environment of every Python that is started, so that what was probed is what measures. */
export function pythonEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(
      INHERITED_VARIABLES.flatMap((name) => (name in environment ? [[name, environment[name]]] : [])),
    ),
    // As nvidia-smi numbers them, so that `cuda:0` is the same GPU for every program; CUDA would number the fastest first.
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    // The folder of the program may be read-only, and another user's.
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONIOENCODING: 'utf-8',
  };
}
