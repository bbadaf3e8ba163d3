import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hostHash } from '../../../src/hardware/host-identity.js';

describe('hostHash', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'host-identity-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  it('tells hosts apart without showing their identity', () => {
    write('etc/machine-id', '0123456789abcdef\n');
    const first = hostHash(null, root);
    write('etc/machine-id', 'fedcba9876543210\n');
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(first).not.toContain('0123456789abcdef');
    expect(hostHash(null, root)).not.toBe(first);
  });

  it.each(['', 'uninitialized\n'])('looks further when the file holds %j', (text) => {
    write('var/lib/dbus/machine-id', 'abc');
    const withoutFirst = hostHash(null, root);
    write('etc/machine-id', text);
    expect(hostHash(null, root)).toBe(withoutFirst);
  });

  it('takes what the system says where there is no file, and else the name of the host', () => {
    const byName = hostHash(null, root);
    expect(byName).not.toBeNull();
    expect(hostHash('hardware-uuid', root)).not.toBe(byName);
    expect(hostHash(hostname(), root)).toBe(byName);
  });

  it('does not take the name of a container, which is another with each start', () => {
    write('.dockerenv', '');
    expect(hostHash(null, root)).toBeNull();
    write('etc/machine-id', 'mounted from the host');
    expect(hostHash(null, root)).not.toBeNull();
  });
});
