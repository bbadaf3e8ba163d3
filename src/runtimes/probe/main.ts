import type { ExecutionDevice } from '../../engine/runtime/session.js';
import type { ProbeMessage } from '../probe-device.js';
import { computeOnce } from './compute-once.js';

/** Started for one device: what its libraries do to a process (crash, hang, keep threads) ends with this one. */
async function main(device: ExecutionDevice): Promise<void> {
  try {
    await computeOnce(device);
    tell({ works: true });
  } catch (error) {
    tell({ works: false, reason: error instanceof Error ? error.message : String(error) });
  }
}

function tell(message: ProbeMessage): void {
  // Leaving is up to who asked: some libraries hang while they are unloaded.
  process.send?.(message);
}

// The service is gone.
process.on('disconnect', () => process.exit(0));
void main(process.argv[2] as ExecutionDevice);
