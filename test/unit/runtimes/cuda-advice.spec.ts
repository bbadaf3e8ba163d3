import { cudaAdvice } from '../../../src/runtimes/cuda-advice.js';

describe('what helps where onnxruntime has no GPU', () => {
  it.each([
    [
      'Failed to load shared library: /x/libonnxruntime_providers_shared.so: cannot open shared object file: No such file or directory',
      'npm run setup:cuda',
    ],
    // The name of the library that needs the missing one comes along.
    [
      'Failed to load library libonnxruntime_providers_cuda.so: libcudnn.so.9: cannot open shared object file',
      'cuDNN 9',
    ],
    [
      'Failed to load library libonnxruntime_providers_cuda.so: libcublasLt.so.12: cannot open shared object',
      'CUDA 12 is not',
    ],
    ['CUDA failure 100: no CUDA-capable device is detected ; GPU=0', 'nvidia-smi'],
    ['CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version', 'nvidia-smi'],
    ['something else', 'npm run setup:cuda'],
  ])('after %j is %j', (reason, advice) => {
    expect(cudaAdvice(reason)).toContain(advice);
  });
});
