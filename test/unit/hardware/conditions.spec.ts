import { conditionsOf, staleReasons, type Conditions } from '../../../src/hardware/conditions.js';
import { A_MACHINE } from '../../fixtures/measurements.js';

const THEN = conditionsOf(A_MACHINE);

describe('a measurement', () => {
  it.each<Partial<Conditions>>([{}, { kernel: '6.1.77' }, { nodeVersion: '20.99.0' }])(
    'is fresh with %j now',
    (change) => {
      expect(staleReasons(THEN, { ...THEN, ...change })).toEqual([]);
    },
  );

  it.each<[Partial<Conditions>, string]>([
    [{ engineVersion: '0.0.2' }, "this project's version was 0.0.1, and is 0.0.2 now"],
    [{ onnxruntimeVersion: '1.30.1' }, 'onnxruntime was 1.30.0, and is 1.30.1 now'],
    [{ nodeVersion: '24.1.0' }, 'the major version of Node was 20, and is 24 now'],
    [{ kernel: '6.2.0' }, 'the kernel was 6.1, and is 6.2 now'],
    [{ allowedCores: 2 }, 'the number of cores allowed was 4, and is 2 now'],
  ])('is stale with %j now', (change, reason) => {
    expect(staleReasons(THEN, { ...THEN, ...change })).toEqual([reason]);
  });

  describe('by PyTorch', () => {
    const pytorch = { python: '3.11.2', torch: '2.9.1', torchvision: '0.24.1', cuda: null };
    const then = { ...THEN, pytorch };

    it.each([
      [{ pytorch: { ...pytorch, torch: '2.9.2' } }, ['torch was 2.9.1, and is 2.9.2 now']],
      [{ pytorch: { ...pytorch, torchvision: '0.25.0' } }, ['torchvision was 0.24.1, and is 0.25.0 now']],
      [{ pytorch: { ...pytorch, python: '3.12.1' } }, ['the version of Python was 3.11, and is 3.12 now']],
      [{ pytorch: { ...pytorch, python: '3.11.9' } }, []],
      [{ onnxruntimeVersion: '2.0.0' }, []],
    ])('is stale with %j now where that is its own', (change, reasons) => {
      expect(staleReasons(then, { ...then, ...change }, 'pytorch')).toEqual(reasons);
    });

    it('is stale where there is no torch any more, and what onnxruntime did is not', () => {
      expect(staleReasons(then, THEN, 'pytorch')).toHaveLength(3);
      expect(staleReasons(then, THEN, 'onnxruntime')).toEqual([]);
    });
  });

  it('says all that has changed', () => {
    expect(staleReasons(THEN, { ...THEN, kernel: '7.0', engineVersion: '1.0.0' })).toHaveLength(2);
  });
});
