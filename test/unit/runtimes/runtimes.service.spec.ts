import { Logger } from '@nestjs/common';
import { RuntimesService } from '../../../src/runtimes/runtimes.service.js';
import { FakePython } from '../../fixtures/fake-python.js';
import { settingsOf } from '../../fixtures/settings.js';

const ON_CPU = { runtime: 'pytorch', device: 'cpu', precision: 'fp32' };
const VERSIONS = { python: '3.11.2', torch: '2.9.1', torchvision: '0.24.1', cuda: null };

/** One of each of the ways in which a Python can be. */
describe('the runtimes', () => {
  let python: FakePython;

  beforeAll(() => {
    Logger.overrideLogger(false);
  });
  beforeEach(async () => {
    python = await FakePython.make();
  });
  afterEach(() => python.remove());

  const runtimes = (file = python.file): RuntimesService => new RuntimesService(settingsOf('unused', { python: file }));

  it('tell what Python says of itself', async () => {
    const devices = [{ device: 'cpu', name: null, precisions: ['fp32', 'bf16'] }];
    await python.says({ id: 0, result: { versions: VERSIONS, devices } });
    const service = runtimes();
    expect(await service.pytorchVersions()).toEqual(VERSIONS);
    expect(await service.pytorch()).toEqual({
      runtime: 'pytorch',
      available: true,
      reason: null,
      versions: { python: VERSIONS.python, torch: VERSIONS.torch, torchvision: VERSIONS.torchvision },
      devices,
      unavailableDevices: [],
    });
    expect(await service.reasonAgainst(ON_CPU)).toBeNull();
    expect(await service.reasonAgainst({ ...ON_CPU, device: 'cuda:0' })).toEqual({
      problem: 'device-unavailable',
      field: 'device',
      detail: 'is "cuda:0", but PyTorch cannot compute on it here: there is no such device. It can compute on "cpu".',
    });
    expect(await service.reasonAgainst({ ...ON_CPU, precision: 'fp16' })).toMatchObject({ field: 'precision' });
  });

  it('are looked at once', async () => {
    await python.runs('echo started >> "$0.count"; echo nonsense');
    const service = runtimes();
    await Promise.all([service.pytorch(), service.pytorch()]);
    await service.reasonAgainst(ON_CPU);
    expect(await python.read('count')).toBe('started\n');
  });

  it('have no versions where a package is missing', async () => {
    await python.says({ id: 0, result: { versions: { ...VERSIONS, torchvision: null } } });
    expect(await runtimes().pytorchVersions()).toBeNull();
  });

  it.each([
    ['does not exist', null, 'could not be started'],
    ['has no torch', `echo '{"id": 0, "error": {"code": "x", "message": "No module named torch"}}'`, 'No module named'],
    ['prints garbage', 'echo garbage', 'it said "garbage\\n" and ended with code 0'],
    ['says nothing', 'exit 3', 'it said nothing and ended with code 3'],
    ['crashes', 'kill -SEGV $$', 'it said nothing and ended with SIGSEGV'],
    ['answers something else', `echo '{"id": 0, "result": {"versions": 1}}'`, 'answer.versions'],
  ])('say what to do where Python %s', async (_name, script, reason) => {
    if (script !== null) await python.runs(script);
    const service = runtimes(script === null ? `${python.file}-that-is-not-there` : python.file);
    expect(await service.pytorchVersions()).toBeNull();
    const unavailable = await service.reasonAgainst(ON_CPU);
    expect(unavailable).toEqual({
      problem: 'runtime-unavailable',
      field: 'runtime',
      detail: expect.stringContaining(reason) as unknown,
    });
    expect(unavailable?.detail).toContain('apt-get install python3-torch python3-torchvision libopenblas0-pthread');
    expect(unavailable?.detail).toContain('pip install torch torchvision');
    // What is built in does not need it.
    expect(await service.reasonAgainst({ ...ON_CPU, runtime: 'onnxruntime' })).toBeNull();
  });
});
