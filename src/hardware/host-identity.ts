import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const IDENTITY_FILES = ['etc/machine-id', 'var/lib/dbus/machine-id', 'sys/class/dmi/id/product_uuid'];
const CONTAINER_MARKS = ['.dockerenv', 'run/.containerenv'];

/**
 * Identity of the host, hashed so that it cannot be told from a profile that is passed on: a profile made on a twin is
 * another machine's.
 *
 * Linux has it in a file. Without one the host's name serves, but not in a container: there it is new for each
 * container, and nothing measured by an earlier one would be found again. Then it is null, unless the host's
 * `/etc/machine-id` is mounted into the container.
 * @param systemId given by other systems than Linux.
 */
export function hostHash(systemId: string | null, root = '/'): string | null {
  const identity = firstFile(root) ?? systemId ?? (isContainer(root) ? null : hostname());
  return identity === null ? null : createHash('sha256').update(`host:${identity}`).digest('hex');
}

function firstFile(root: string): string | null {
  for (const file of IDENTITY_FILES) {
    try {
      const text = readFileSync(join(root, file), 'utf8').trim();
      // Images ship the file empty, or with this word, for the first boot to fill.
      if (text !== '' && text !== 'uninitialized') return text;
    } catch {
      // Missing, or readable by the administrator alone: the next may serve.
    }
  }
  return null;
}

function isContainer(root: string): boolean {
  return CONTAINER_MARKS.some((mark) => existsSync(join(root, mark)));
}
