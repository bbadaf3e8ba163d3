/** What onnxruntime-node 1.30 and the libraries below it say, and what would help: the first that is found in a reason. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /libcudnn/i,
    'cuDNN 9 for CUDA 12 is not found: install it (packages cudnn9-cuda-12 of NVIDIA, or nvidia-cudnn-cu12 of pip) and name its folder in LD_LIBRARY_PATH.',
  ],
  [
    /lib(cublas|cudart|cufft|curand|nvrtc)/i,
    'CUDA 12 is not found, or not all of it: install it (package cuda-libraries-12-8 of NVIDIA, or those of pip that begin with nvidia- and end with -cu12) and name its folders in LD_LIBRARY_PATH.',
  ],
  [
    /libonnxruntime_providers|failed to load shared library/i,
    'Its CUDA libraries are not installed: `npm run setup:cuda` installs them; CUDA 12 and cuDNN 9 are needed too.',
  ],
  [
    /libcuda\.so|no CUDA-capable device|CUDA failure (100|35|999)|driver version is insufficient|CUDA_ERROR_NO_DEVICE/i,
    "There is no GPU of NVIDIA's here, or its driver does not work or is too old for CUDA 12: see what nvidia-smi says.",
  ],
];
const ELSE = '`npm run setup:cuda` installs the CUDA libraries of onnxruntime, which needs CUDA 12 and cuDNN 9 too.';

/** @param reason why a session on a GPU could not be had */
export function cudaAdvice(reason: string): string {
  return ADVICE.find(([sign]) => sign.test(reason))?.[1] ?? ELSE;
}
