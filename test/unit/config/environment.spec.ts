import { resolve } from 'node:path';
import { readSettings } from '../../../src/config/environment.js';
import { InvalidEnvironmentError } from '../../../src/config/invalid-environment.error.js';

describe('the settings of an environment', () => {
  it('are the documented ones when it says nothing', () => {
    expect(readSettings({})).toEqual({
      host: '127.0.0.1',
      port: 8000,
      profilesDirectory: resolve(__dirname, '../../../profiles'),
      logLevel: 'info',
      measuring: {},
      maxQueuedJobs: 32,
      python: 'python3',
    });
  });

  it('are those that it says', () => {
    const settings = readSettings({
      HOST: '0.0.0.0',
      PORT: '9000',
      PROFILES_DIR: '/data/profiles',
      LOG_LEVEL: 'debug',
      MEASURE_MAX_STEPS: '40',
      MEASURE_MAX_SECONDS: '2.5',
      MEASURE_TIMEOUT_SECONDS: '120',
      MEMORY_BUDGET_BYTES: '4000000000',
      MAX_QUEUED_JOBS: '5',
      PYTHON: '/opt/venv/bin/python',
    });
    expect(settings).toEqual({
      host: '0.0.0.0',
      port: 9000,
      profilesDirectory: '/data/profiles',
      logLevel: 'debug',
      measuring: { maxSteps: 40, maxSeconds: 2.5, timeoutSeconds: 120, memoryBudgetBytes: 4_000_000_000 },
      maxQueuedJobs: 5,
      python: '/opt/venv/bin/python',
    });
  });

  it('take a relative folder from the working directory', () => {
    expect(readSettings({ PROFILES_DIR: 'kept' }).profilesDirectory).toBe(resolve('kept'));
  });

  it.each([
    ['PORT', '80a', 'a whole number from 0 to 65535'],
    ['PORT', '-1', 'a whole number from 0 to 65535'],
    ['PORT', '65536', 'a whole number from 0 to 65535'],
    ['PORT', '80.5', 'a whole number from 0 to 65535'],
    ['PORT', '', 'a whole number from 0 to 65535'],
    ['PORT', '0x50', 'a whole number from 0 to 65535'],
    ['HOST', '', 'an address to listen on'],
    ['PROFILES_DIR', '', 'the path of a folder'],
    ['LOG_LEVEL', 'loud', 'one of trace, debug'],
    ['MEASURE_MAX_STEPS', '3', 'a whole number from 4'],
    ['MEASURE_MAX_SECONDS', '0', 'a number of seconds from 1'],
    ['MEASURE_TIMEOUT_SECONDS', 'soon', 'a number of seconds from 1'],
    ['MEMORY_BUDGET_BYTES', '4GB', 'a whole number of bytes from 1048576'],
    ['MAX_QUEUED_JOBS', '0', 'a whole number from 1 to 10000'],
    ['PYTHON', '', 'the name or the path of a Python'],
  ])('cannot be read when %s is "%s"', (variable, value, expectation) => {
    const read = (): unknown => readSettings({ [variable]: value });
    expect(read).toThrow(InvalidEnvironmentError);
    expect(read).toThrow(`${variable} must be ${expectation}`);
    expect(read).toThrow(`but is "${value}"`);
  });

  it('cannot be read for all the reasons at once', () => {
    expect(() => readSettings({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/^PORT .*\nLOG_LEVEL /);
  });
});
