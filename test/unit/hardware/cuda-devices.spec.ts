import { cudaIndices } from '../../../src/hardware/cuda-devices.js';

const UUIDS = ['GPU-aa01', 'GPU-ab02', 'GPU-bb03'];

describe('the numbers that CUDA gives GPUs', () => {
  it.each<[string | undefined, (number | null)[]]>([
    [undefined, [0, 1, 2]],
    ['', [null, null, null]],
    ['2,0', [1, null, 0]],
    [' 1 ', [null, 0, null]],
    ['GPU-bb', [null, null, 0]],
    ['GPU-ab02,0', [1, 0, null]],
    // The beginning of two.
    ['GPU-a,2', [null, null, null]],
    ['0,7,1', [0, null, null]],
    ['-1', [null, null, null]],
    ['1,1', [null, null, null]],
    ['MIG-1234', [null, null, null]],
  ])('are with CUDA_VISIBLE_DEVICES %j', (visible, expected) => {
    expect(cudaIndices(UUIDS, visible)).toEqual(expected);
  });
});
