import { spawn } from 'node:child_process';

/** Waits for the end of its input, which comes when the service is gone, however it went. */
const PROGRAM = 'read -r _; kill -KILL "-$1" || kill -KILL "$1"; rm -rf "$2"';

/**
 * Ends a measuring process, and the group of processes that it leads, when this process ends, killed without a word included: the child itself notices only
 * between two calls of the runtime, which may take minutes. A process of its own does it, since a thread in the child
 * would add 10 MB to the memory that is measured. Where there is no shell, the child's own noticing has to do.
 *
 * @param temporaryFolder removed after it, for nobody else would
 * @returns to be called when the child is gone
 */
export function guardChild(pid: number, temporaryFolder: string): () => void {
  try {
    const guard = spawn('/bin/sh', ['-c', PROGRAM, 'guard', String(pid), temporaryFolder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // What kills the service's whole group must not kill it as well.
      detached: true,
    });
    guard.once('error', () => undefined);
    return () => void guard.kill('SIGKILL');
  } catch {
    // Of want of memory it is told at once, unlike of the rest.
    return () => undefined;
  }
}
