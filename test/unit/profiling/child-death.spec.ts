import { type ChildDeath, deathToError } from '../../../src/profiling/child-death.js';
import { ChildDiedError, OutOfMemoryError } from '../../../src/profiling/measuring.errors.js';

const death = (changes: Partial<ChildDeath>): Error =>
  deathToError({ exitCode: null, signal: null, stderrTail: '', phase: 'timing', outOfMemoryKills: 0, ...changes });

describe('deathToError', () => {
  it('takes SIGKILL for lack of memory when the kernel counted a kill meanwhile', () => {
    expect(death({ signal: 'SIGKILL', outOfMemoryKills: 1 })).toBeInstanceOf(OutOfMemoryError);
  });

  it.each([0, null])('does not guess why SIGKILL came when %p kills were counted', (outOfMemoryKills) => {
    const error = death({ signal: 'SIGKILL', outOfMemoryKills });
    expect(error).toBeInstanceOf(ChildDiedError);
    expect(error).toMatchObject({ signal: 'SIGKILL', exitCode: null, code: 'child-died' });
    expect(error.message).toContain("in phase 'timing'");
  });

  it('does not take another signal for lack of memory because some other process was killed', () => {
    expect(death({ signal: 'SIGSEGV', outOfMemoryKills: 1 })).toBeInstanceOf(ChildDiedError);
  });

  it.each([
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    "terminate called after throwing an instance of 'std::bad_alloc'",
  ])('takes an abort after "%s" for lack of memory', (stderrTail) => {
    expect(death({ signal: 'SIGABRT', stderrTail })).toBeInstanceOf(OutOfMemoryError);
  });

  it('tells the exit code of a process that ended by itself, and when', () => {
    const error = death({ exitCode: 3, phase: null, stderrTail: 'cannot load the library' });
    expect(error).toMatchObject({ exitCode: 3, signal: null, stderrTail: 'cannot load the library' });
    expect(error.message).toContain('before it began');
    expect(error.message).toContain('exit code 3');
  });
});
