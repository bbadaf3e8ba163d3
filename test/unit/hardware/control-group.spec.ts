import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ControlGroup } from '../../../src/hardware/control-group.js';

const VERSION_2_MOUNT = '29 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const VERSION_1_MOUNTS =
  '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n' +
  '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
  '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
const NO_LIMIT_VERSION_1 = '9223372036854771712\n';

describe('ControlGroup', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'control-group-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  function groupOf(files: Readonly<Record<string, string>>): ControlGroup {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return new ControlGroup(root);
  }

  it('knows no limits where there are no groups', () => {
    const group = groupOf({});
    expect(group.memoryLimitBytes()).toBeNull();
    expect(group.memoryAvailableBytes()).toBeNull();
    expect(group.cpuQuotaCores()).toBeNull();
    expect(group.outOfMemoryKills()).toBeNull();
    expect(group.quotaPeriods()).toBeNull();
  });

  describe('of version 2', () => {
    const PROCESS = {
      'proc/self/mountinfo': VERSION_2_MOUNT,
      'proc/self/cgroup': '0::/services/estimates\n',
    };

    it('takes the smallest limit of the group and those around it', () => {
      const group = groupOf({
        ...PROCESS,
        'sys/fs/cgroup/services/estimates/memory.max': 'max\n',
        'sys/fs/cgroup/services/memory.max': '3000\n',
        'sys/fs/cgroup/services/estimates/cpu.max': '150000 100000\n',
        'sys/fs/cgroup/services/cpu.max': 'max 100000\n',
      });
      expect(group.memoryLimitBytes()).toBe(3000);
      expect(group.cpuQuotaCores()).toBe(1.5);
    });

    it('tells how often the quota that binds was used up, and of no other', () => {
      const files = {
        ...PROCESS,
        'sys/fs/cgroup/services/estimates/cpu.max': 'max 100000\n',
        'sys/fs/cgroup/services/estimates/cpu.stat': 'usage_usec 9\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n',
        'sys/fs/cgroup/services/cpu.stat': 'usage_usec 9\nnr_periods 70\nnr_throttled 20\nthrottled_usec 12345\n',
      };
      expect(groupOf(files).quotaPeriods()).toBeNull();
      const limited = groupOf({ ...files, 'sys/fs/cgroup/services/cpu.max': '150000 100000\n' });
      expect(limited.quotaPeriods()).toEqual({ periods: 70, throttledPeriods: 20 });
    });

    it('counts file pages that the kernel would give up as available', () => {
      const group = groupOf({
        ...PROCESS,
        'sys/fs/cgroup/services/memory.max': '3000\n',
        'sys/fs/cgroup/services/memory.current': '2500\n',
        'sys/fs/cgroup/services/memory.stat': 'anon 1800\ninactive_file 600\nactive_file 100\n',
      });
      expect(group.memoryAvailableBytes()).toBe(1100);
    });

    it("counts the group's own kills for lack of memory", () => {
      const group = groupOf({
        ...PROCESS,
        'sys/fs/cgroup/services/estimates/memory.events': 'low 0\noom 4\noom_kill 3\noom_group_kill 0\n',
        'proc/vmstat': 'oom_kill 9\n',
      });
      expect(group.outOfMemoryKills()).toBe(3);
    });

    it("counts the machine's kills where the group keeps no count", () => {
      expect(groupOf({ ...PROCESS, 'proc/vmstat': 'pgfault 1\noom_kill 9\n' }).outOfMemoryKills()).toBe(9);
    });

    it('finds its files where a container sees its own group as the root', () => {
      const group = groupOf({
        'proc/self/mountinfo': VERSION_2_MOUNT,
        'proc/self/cgroup': '0::/\n',
        'sys/fs/cgroup/memory.max': '5000\n',
      });
      expect(group.memoryLimitBytes()).toBe(5000);
    });
  });

  describe('of version 1', () => {
    const PROCESS = {
      'proc/self/mountinfo': VERSION_1_MOUNTS,
      'proc/self/cgroup': '4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n',
    };
    const MEMORY = 'sys/fs/cgroup/memory/docker/abc';

    it('reads limits, quota, use and kills', () => {
      const group = groupOf({
        ...PROCESS,
        [`${MEMORY}/memory.limit_in_bytes`]: '4000\n',
        [`${MEMORY}/memory.usage_in_bytes`]: '3500\n',
        [`${MEMORY}/memory.stat`]: 'inactive_file 1\ntotal_inactive_file 500\n',
        [`${MEMORY}/memory.oom_control`]: 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': NO_LIMIT_VERSION_1,
        'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '250000\n',
        'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
        'sys/fs/cgroup/cpu/docker/abc/cpu.stat': 'nr_periods 8\nnr_throttled 3\nthrottled_time 1\n',
      });
      expect(group.quotaPeriods()).toEqual({ periods: 8, throttledPeriods: 3 });
      expect(group.memoryLimitBytes()).toBe(4000);
      expect(group.memoryAvailableBytes()).toBe(1000);
      expect(group.cpuQuotaCores()).toBe(2.5);
      expect(group.outOfMemoryKills()).toBe(2);
    });

    it('knows how it says that there is no limit', () => {
      const group = groupOf({
        ...PROCESS,
        [`${MEMORY}/memory.limit_in_bytes`]: NO_LIMIT_VERSION_1,
        'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
      });
      expect(group.memoryLimitBytes()).toBeNull();
      expect(group.memoryAvailableBytes()).toBeNull();
      expect(group.cpuQuotaCores()).toBeNull();
    });

    it('finds its files where a container sees its own group under a name from outside', () => {
      const group = groupOf({
        'proc/self/mountinfo': '35 31 0:32 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
        'proc/self/cgroup': '4:memory:/docker/abc\n',
        'sys/fs/cgroup/memory/memory.limit_in_bytes': '6000\n',
      });
      expect(group.memoryLimitBytes()).toBe(6000);
    });
  });
});
