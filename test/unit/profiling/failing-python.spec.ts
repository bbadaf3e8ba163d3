import { Logger } from '@nestjs/common';
import type { Workload } from '../../../src/profiles/workload.js';
import { DEFAULT_MEASURING_OPTIONS, type MeasuringOptions } from '../../../src/profiling/measuring-options.js';
import {
  ChildDiedError,
  MeasuringTimeoutError,
  OutOfMemoryError,
  RuntimeFailedError,
  RuntimeUnavailableError,
  UnsupportedPrecisionError,
  UntrainableWorkloadError,
} from '../../../src/profiling/measuring.errors.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { childProgram } from '../../fixtures/children/program.js';
import { FakePython } from '../../fixtures/fake-python.js';
import { thisHardware } from '../../fixtures/hardware.js';
import { WORKLOAD } from '../../fixtures/workload.js';

const PYTORCH: Workload = { ...WORKLOAD, runtime: 'pytorch' };

const HELLO = `echo '{"id": 0, "result": {"pid": '$$', "process": {"rss_bytes": 1, "cpu_seconds": 1}}}'`;
/** Says that it is ready, and does the rest when it is asked to prepare a workload. */
const whenAsked = (rest: string): string => `echo $$ > "$0.pid"; ${HELLO}; read -r line; ${rest}`;
const error = (code: string, message: string): string =>
  whenAsked(`echo '{"id": 1, "error": {"code": "${code}", "message": "${message}"}}'; read -r line`);

const ON_LINUX = process.platform === 'linux' ? it : it.skip;

describe('a measurement by a Python that fails', () => {
  let python: FakePython;
  let service: MeasuringService;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    python = await FakePython.make();
  });
  afterEach(async () => {
    await service.onModuleDestroy();
    await python.remove();
  });

  function measured(options: Partial<MeasuringOptions> = {}): Promise<unknown> {
    const all = { ...DEFAULT_MEASURING_OPTIONS, python: python.file, ...options };
    service = new MeasuringService(all, childProgram('pytorch'), thisHardware());
    return service.measure(PYTORCH);
  }

  it('says what to install where there is none', async () => {
    const failure = measured({ python: `${python.file}-that-is-not-there` });
    await expect(failure).rejects.toThrow(RuntimeUnavailableError);
    await expect(failure).rejects.toThrow(/could not be started.*apt-get install python3-torch.*pip install torch/);
  });

  it.each([
    [
      'torch is missing',
      `echo '{"id": 0, "error": {"code": "runtime-unavailable", "message": "No module named torch"}}'`,
    ],
  ])('says what to install where %s', async (_name, script) => {
    await python.runs(script);
    await expect(measured()).rejects.toThrow(/No module named torch.*pip install torch/);
  });

  it.each([
    ['garbage at its start', 'echo garbage', RuntimeFailedError, '"garbage", which is no answer'],
    ['garbage later', whenAsked('echo "{}"; exec sleep 1000'), RuntimeFailedError, '"{}", which is no answer'],
    [
      'what is not as declared',
      whenAsked(`echo '{"id": 1, "result": {}}'; exec sleep 1000`),
      RuntimeFailedError,
      'prepare.parameters',
    ],
    ['garbage, and has started another', whenAsked('sleep 1000 & echo garbage; wait'), RuntimeFailedError, 'garbage'],
    ['nothing, has started another and ends', 'sleep 1000 & exit 4', ChildDiedError, 'exit code 4'],
    ['that it had a fault', error('internal', 'KeyError: x'), RuntimeFailedError, 'KeyError: x'],
    ['that there is no memory', error('out-of-memory', 'no 5 GB'), OutOfMemoryError, 'no 5 GB'],
    ['that it cannot train this', error('untrainable', 'one value'), UntrainableWorkloadError, 'one value'],
    [
      'that a precision is too low',
      error('precision-unsupported', 'not for BFloat16'),
      UnsupportedPrecisionError,
      'BFloat16',
    ],
    [
      'nothing and ends',
      'exit 3',
      ChildDiedError,
      'The Python that measures ended in phase .building. without a result: exit code 3',
    ],
    ['nothing and is killed', whenAsked('kill -SEGV $$'), ChildDiedError, 'signal SIGSEGV'],
    [
      'that memory ran out in its own way',
      whenAsked('echo std::bad_alloc >&2; sleep 0.2; kill -ABRT $$'),
      OutOfMemoryError,
      'could not get memory',
    ],
  ])('that says %s is told of', async (_name, script, kind, text) => {
    await python.runs(script);
    const failure = measured();
    await expect(failure).rejects.toThrow(kind);
    await expect(failure).rejects.toThrow(new RegExp(text));
  });

  ON_LINUX.each([
    ['hangs before it has begun', 'echo $$ > "$0.pid"; exec sleep 1000'],
    ['hangs when it is asked', whenAsked('exec sleep 1000')],
    [
      'hears nothing of signals, and has started others',
      `trap '' TERM INT; sleep 1000 & ${whenAsked('echo $! >> "$0.pid"; wait; wait')}`,
    ],
  ])('is ended with all that it has started when it %s', async (_name, script) => {
    await python.runs(script);
    await expect(measured({ timeoutSeconds: 4 })).rejects.toThrow(MeasuringTimeoutError);
    expect(await python.isGone()).toBe(true);
  });
});
