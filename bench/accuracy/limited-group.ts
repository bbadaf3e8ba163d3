import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the memory controller of either version is mounted, as every distribution does. */
const VERSION_1 = '/sys/fs/cgroup/memory';
const VERSION_2 = '/sys/fs/cgroup';

/** How a version of control groups limits memory, and memory with swap. */
interface Dialect {
  readonly parent: string;
  readonly limit: (bytes: number) => readonly (readonly [file: string, value: string])[];
  /** Of processes that ran out of memory. */
  readonly kills: { readonly file: string; readonly name: string };
}

const DIALECTS: readonly Dialect[] = [
  {
    parent: VERSION_1,
    // The second can only be set where it is not below the first, and is there only where swap is accounted for.
    limit: (bytes) => [
      ['memory.limit_in_bytes', String(bytes)],
      ['memory.memsw.limit_in_bytes', String(bytes)],
    ],
    kills: { file: 'memory.oom_control', name: 'oom_kill' },
  },
  {
    parent: VERSION_2,
    limit: (bytes) => [
      ['memory.max', String(bytes)],
      ['memory.swap.max', '0'],
    ],
    kills: { file: 'memory.events', name: 'oom_kill' },
  },
];

/** A control group whose processes get no more memory than that, swap included. */
export class LimitedGroup {
  private constructor(
    private readonly dialect: Dialect,
    private readonly folder: string,
  ) {}

  /** @throws Error that says why none can be made */
  static create(limitBytes: number): LimitedGroup {
    const dialect = DIALECTS.find(({ parent, limit: limitFiles }) => {
      const [[file] = ['']] = limitFiles(0);
      return parent === VERSION_1 ? existsSync(join(parent, file)) : existsSync(join(parent, 'cgroup.controllers'));
    });
    if (dialect === undefined) throw new Error('this system has no control groups for memory');
    const folder = join(dialect.parent, `accuracy-${process.pid}-${Date.now()}`);
    mkdirSync(folder);
    const group = new LimitedGroup(dialect, folder);
    try {
      for (const [index, [file, value]] of dialect.limit(limitBytes).entries()) {
        // The first is the limit itself; where there is no swap to be accounted for, there is no file for it.
        if (index === 0 || existsSync(join(folder, file))) writeFileSync(join(folder, file), value);
      }
    } catch (error) {
      group.remove();
      throw error;
    }
    return group;
  }

  /** A process becomes a member by writing its number there; its children are then members too. */
  get members(): string {
    return join(this.folder, 'cgroup.procs');
  }

  /** Members that were ended for want of memory. */
  outOfMemoryKills(): number {
    const { file, name } = this.dialect.kills;
    const line = readFileSync(join(this.folder, file), 'utf8')
      .split('\n')
      .find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length) ?? 0);
  }

  /** Once all members have ended. */
  remove(): void {
    rmdirSync(this.folder);
  }
}
