import { conditionsCodec, conditionsOf, staleReasons, type Conditions } from '../../../src/hardware/conditions.js';
import { A_MACHINE } from '../../fixtures/measurements.js';

const gpu = (
  cudaIndex: number,
  name: string,
  driverVersion = '570.133.20',
): NonNullable<Conditions['gpus']>[number] => ({
  cudaIndex,
  name,
  driverVersion,
});
const TORCH = { python: '3.11.2', torch: '2.9.1', torchvision: '0.24.1', cuda: '12.8' };
const THEN: Conditions = {
  ...conditionsOf(A_MACHINE),
  pytorch: TORCH,
  gpus: [gpu(0, 'NVIDIA H200'), gpu(1, 'NVIDIA L4')],
};

const reasons = (changes: Partial<Conditions>, runtime: 'onnxruntime' | 'pytorch', device: string): string[] =>
  staleReasons(THEN, { ...THEN, ...changes }, runtime, device);

describe('a measurement on a GPU', () => {
  it.each<[string, Partial<Conditions>, string]>([
    ['GPU', { gpus: [gpu(0, 'NVIDIA L4')] }, 'cuda:0 was NVIDIA H200, and is NVIDIA L4 now'],
    [
      'driver',
      { gpus: [gpu(0, 'NVIDIA H200', '580.65.06')] },
      'the driver of the GPU was 570.133.20, and is 580.65.06 now',
    ],
    ['CUDA', { pytorch: { ...TORCH, cuda: '13.0' } }, "torch's CUDA was 12.8, and is 13.0 now"],
  ])('is stale with another %s', (_what, changes, reason) => {
    expect(reasons(changes, 'pytorch', 'cuda:0')).toEqual([reason]);
  });

  it('is stale where the GPU is gone, and where it was never told of', () => {
    expect(reasons({ gpus: [] }, 'onnxruntime', 'cuda:0')).toHaveLength(2);
    expect(reasons({ gpus: null }, 'onnxruntime', 'cuda:0')).toHaveLength(2);
  });

  it('stays fresh with another GPU beside it, and by onnxruntime with another CUDA of torch', () => {
    expect(reasons({ gpus: [gpu(0, 'NVIDIA H200'), gpu(1, 'NVIDIA T4')] }, 'pytorch', 'cuda:0')).toEqual([]);
    expect(reasons({ pytorch: { ...TORCH, cuda: null } }, 'onnxruntime', 'cuda:0')).toEqual([]);
  });

  it('is told of WebGPU by the driver alone', () => {
    expect(reasons({ gpus: [gpu(0, 'NVIDIA H200', '580.65.06')] }, 'onnxruntime', 'webgpu')).toHaveLength(1);
  });
});

describe('a measurement on the processor', () => {
  it('stays fresh whatever becomes of GPUs', () => {
    expect(reasons({ gpus: [] }, 'onnxruntime', 'cpu')).toEqual([]);
  });
});

describe('the conditions of files of earlier versions', () => {
  it('know no GPUs', () => {
    const { gpus, ...written } = conditionsCodec.encode(THEN);
    expect(gpus).toHaveLength(2);
    expect(conditionsCodec.decode(written, 'conditions')).toEqual({ ...THEN, gpus: null });
    expect(conditionsCodec.decode(conditionsCodec.encode(THEN), 'conditions')).toEqual(THEN);
  });
});
