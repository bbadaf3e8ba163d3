import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { probeDevice, type ProbeProgram } from '../../../src/runtimes/probe-device.js';
import { RuntimesService } from '../../../src/runtimes/runtimes.service.js';
import { settingsOf } from '../../fixtures/settings.js';

const PROGRAM: ProbeProgram = {
  modulePath: join(__dirname, '../../fixtures/probes/by-device.ts'),
  execArgv: ['--require', join(__dirname, '../../fixtures/children/typescript-hook.js')],
  patienceSeconds: 10,
};
const IMPATIENT: ProbeProgram = { ...PROGRAM, patienceSeconds: 2 };
const ON_POSIX = process.platform === 'win32' ? it.skip : it;

describe('a device that is tried', () => {
  it.each([
    ['cuda:0', null],
    ['refused', 'Failed to load shared library: libcudnn.so.9: cannot open shared object file'],
    ['crash', 'the process that tried it ended with SIGSEGV'],
    ['garbage', 'it said "hello"'],
    ['exit', 'the process that tried it ended with code 3'],
  ])('says of %s %j', async (device, reason) => {
    expect(await probeDevice(PROGRAM, device)).toBe(reason);
  });

  ON_POSIX('is given up where it hangs, and nothing is left of it', async () => {
    expect(await probeDevice(IMPATIENT, 'hang')).toBe('it did not answer within 2 s');
    const running = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(running).not.toContain(`${PROGRAM.modulePath} hang`);
  });
});

describe('the devices of the built-in runtime', () => {
  const runtimes = new RuntimesService(settingsOf('unused', { python: '/nonexistent/python' }), IMPATIENT);

  it('are those that were tried and work', async () => {
    expect(await runtimes.onnxruntimeDevices()).toMatchObject({
      devices: [{ device: 'cpu' }, { device: 'cuda:0' }, { device: 'cuda:1' }],
      unavailableDevices: [
        { device: 'cuda:2', reason: expect.stringContaining('ended with code 3') as unknown },
        { device: 'webgpu', reason: 'it did not answer within 2 s.' },
      ],
    });
  });

  it('can be asked for, and no others', async () => {
    const wanted = { runtime: 'onnxruntime', precision: 'fp32' };
    expect(await runtimes.reasonAgainst({ ...wanted, device: 'cuda:1' })).toBeNull();
    expect(await runtimes.reasonAgainst({ ...wanted, device: 'cuda:2' })).toMatchObject({
      problem: 'device-unavailable',
      field: 'device',
    });
    expect(await runtimes.reasonAgainst({ ...wanted, device: 'cuda:5' })).toMatchObject({
      detail: expect.stringContaining(
        'there is no such device. It can compute on "cpu", "cuda:0", "cuda:1"',
      ) as unknown,
    });
    expect(await runtimes.reasonAgainst({ ...wanted, device: 'webgpu' })).toMatchObject({
      detail: expect.stringContaining('did not answer within 2 s') as unknown,
    });
  });
});
