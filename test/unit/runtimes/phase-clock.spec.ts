import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A GPU that is told of three phases at once and works 100, 400 and 500 ms on them meanwhile; torch itself has no part in it. */
const PROGRAM = `
import sys, time
sys.path.insert(0, ${JSON.stringify(join(__dirname, '../../../src/runtimes'))})
sys.dont_write_bytecode = True
import pytorch

class Gpu:
    type = "cuda"
    done = waits = 0.0

class Event:
    def __init__(self, enable_timing):
        assert enable_timing
    def record(self):
        self.at = max(time.perf_counter(), Gpu.done)
    def elapsed_time(self, other):
        return 1000 * (other.at - self.at)

class Cuda:
    Event = Event
    def synchronize(device):
        Gpu.waits += 1
        time.sleep(max(0, Gpu.done - time.perf_counter()))

class Torch:
    cuda = Cuda

def works(seconds):
    Gpu.done = max(time.perf_counter(), Gpu.done) + seconds

pytorch.torch = Torch
clock = pytorch.PhaseClock(Gpu)
for phase, seconds in (("forward", 0.1), ("backward", 0.4), ("optimizer", 0.5)):
    works(seconds)
    clock.ends(phase)
seconds = clock.finish()
pytorch.answer(0, "result", {"seconds": seconds, "phases": clock.phases, "waits": Gpu.waits})
`;

interface Told {
  readonly result: {
    readonly seconds: number;
    readonly waits: number;
    readonly phases: readonly { readonly phase: string; readonly seconds: number }[];
  };
}

const python = process.env.PYTHON ?? 'python3';
const withPython = spawnSync(python, ['--version']).status === 0 ? it : it.skip;

withPython('the phases of a step on a GPU are those of the GPU, which is waited for at its ends alone', () => {
  const { stdout, stderr } = spawnSync(python, ['-c', PROGRAM], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { seconds, phases, waits } = (JSON.parse(stdout) as Told).result;
  expect(waits).toBe(2);
  expect(phases.map(({ phase }) => phase)).toEqual(['forward', 'backward', 'optimizer']);
  expect(phases.reduce((sum, phase) => sum + phase.seconds, 0)).toBeCloseTo(seconds, 6);
  const shares = phases.map((phase) => phase.seconds / seconds);
  // A clock of the process alone would find nothing in the first two.
  expect(shares[0]).toBeGreaterThan(0.05);
  expect(shares[0]).toBeLessThan(0.25);
  expect(shares[1]).toBeGreaterThan(0.2);
  expect(shares[1]).toBeLessThan(0.6);
});
