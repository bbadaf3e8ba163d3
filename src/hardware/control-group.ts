import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Controller = 'memory' | 'cpu';

/** A controller's folders that bind this process: its own first, then those around it. */
interface Hierarchy {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

interface Mount {
  readonly version: 1 | 2;
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
}

/** How often a quota was looked at since the group began, and how often it had been used up. */
export interface QuotaPeriods {
  readonly periods: number;
  readonly throttledPeriods: number;
}

/**
 * What Linux's control groups (version 1 or 2) allow this process; containers and service managers limit with them.
 * Everything is null where there are none or they set no limit.
 */
export class ControlGroup {
  private readonly memory: Hierarchy | null;
  private readonly cpu: Hierarchy | null;

  /** @param root of the file system that `/proc` and `/sys` are read from. */
  constructor(private readonly root = '/') {
    this.memory = this.find('memory');
    this.cpu = this.find('cpu');
  }

  /** Smallest limit of this group and those around it. */
  memoryLimitBytes(): number | null {
    return smallest(this.memory?.folders.map((folder) => this.limitOf(folder)) ?? []);
  }

  /** What can still be taken before the first limit is reached; file pages that the kernel would give up count as free. */
  memoryAvailableBytes(): number | null {
    return smallest(
      this.memory?.folders.map((folder) => {
        const limit = this.limitOf(folder);
        const used = this.usedOf(folder);
        return limit === null || used === null ? null : Math.max(0, limit - used);
      }) ?? [],
    );
  }

  /** Processor time that the quota allows, in cores; may be a fraction. */
  cpuQuotaCores(): number | null {
    return smallest(this.cpu?.folders.map((folder) => this.quotaOf(folder)) ?? []);
  }

  /** Of the group whose quota binds, this one or one around it; null where there is no quota. */
  quotaPeriods(): QuotaPeriods | null {
    const quota = this.cpuQuotaCores();
    const folder = this.cpu?.folders.find((candidate) => this.quotaOf(candidate) === quota);
    if (quota === null || folder === undefined) return null;
    // By these names in both versions.
    const text = this.text(folder, 'cpu.stat');
    const periods = namedNumber(text, 'nr_periods');
    const throttledPeriods = namedNumber(text, 'nr_throttled');
    return periods === null || throttledPeriods === null ? null : { periods, throttledPeriods };
  }

  /**
   * Processes of this group that the kernel's out-of-memory killer has ended; of the whole machine where the group
   * keeps no count; null where nobody does.
   */
  outOfMemoryKills(): number | null {
    const own = this.memory?.folders[0];
    if (own !== undefined) {
      const file = this.memory?.version === 1 ? 'memory.oom_control' : 'memory.events';
      const kills = namedNumber(this.text(own, file), 'oom_kill');
      if (kills !== null) return kills;
    }
    return namedNumber(this.text('proc', 'vmstat'), 'oom_kill');
  }

  private limitOf(folder: string): number | null {
    const text = this.text(folder, this.memory?.version === 1 ? 'memory.limit_in_bytes' : 'memory.max');
    const limit = text === null ? NaN : Number.parseInt(text, 10);
    // Version 2 writes `max` for no limit, version 1 the largest multiple of the page size below 2^63.
    return Number.isNaN(limit) || limit > Number.MAX_SAFE_INTEGER ? null : limit;
  }

  private usedOf(folder: string): number | null {
    const [usage, inactive] =
      this.memory?.version === 1
        ? ['memory.usage_in_bytes', 'total_inactive_file']
        : ['memory.current', 'inactive_file'];
    const used = Number.parseInt(this.text(folder, usage) ?? '', 10);
    if (Number.isNaN(used)) return null;
    return used - (namedNumber(this.text(folder, 'memory.stat'), inactive) ?? 0);
  }

  private quotaOf(folder: string): number | null {
    const [quota, period] =
      this.cpu?.version === 1
        ? [this.text(folder, 'cpu.cfs_quota_us'), this.text(folder, 'cpu.cfs_period_us')]
        : (this.text(folder, 'cpu.max') ?? '').split(' ');
    const cores = Number.parseInt(quota ?? '', 10) / Number.parseInt(period ?? '', 10);
    // No quota is `max` in version 2 and -1 in version 1.
    return Number.isFinite(cores) && cores > 0 ? cores : null;
  }

  private find(controller: Controller): Hierarchy | null {
    const mounts = parseMounts(this.text('proc', 'self/mountinfo') ?? '');
    const mount =
      mounts.find(({ version, options }) => version === 1 && options.includes(controller)) ??
      mounts.find(({ version }) => version === 2);
    if (mount === undefined) return null;
    const path = groupPath(this.text('proc', 'self/cgroup') ?? '', mount.version === 1 ? controller : '');
    return { version: mount.version, folders: foldersUp(mount, path) };
  }

  private text(folder: string, file: string): string | null {
    try {
      return readFileSync(join(this.root, folder, file), 'utf8');
    } catch {
      return null;
    }
  }
}

/** Lines are `id parent device root mountPoint options ... - type source superOptions`: proc_pid_mountinfo(5). */
function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '/', mountPoint = '/'] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    return [{ version: type === 'cgroup' ? 1 : 2, root, mountPoint, options: options.split(',') } satisfies Mount];
  });
}

/** Lines are `number:controllers:path`; version 2 has no controllers. */
function groupPath(text: string, controller: Controller | ''): string {
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers?.split(',').includes(controller) === true) return path.join(':');
  }
  return '/';
}

/** A container may see its own group as the mount's root, under the name that the group has outside. */
function foldersUp(mount: Mount, path: string): string[] {
  const visible = path.startsWith(mount.root) ? path.slice(mount.root.length) : '';
  const names = visible.split('/').filter((name) => name !== '' && name !== '..');
  return Array.from({ length: names.length + 1 }, (_, up) =>
    join(mount.mountPoint, ...names.slice(0, names.length - up)),
  );
}

function namedNumber(text: string | null, name: string): number | null {
  const line = text?.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  const value = Number.parseInt(line?.slice(name.length) ?? '', 10);
  return Number.isNaN(value) ? null : value;
}

function smallest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}
