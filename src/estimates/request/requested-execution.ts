import type { WorkloadDto } from '../dto/workload.dto.js';
import type { Contradiction } from './contradiction.js';

/** Devices and precisions that a runtime never has, whatever is installed. */
export function wrongExecution({
  runtime = 'onnxruntime',
  device = 'cpu',
  precision = 'fp32',
}: WorkloadDto): Contradiction[] {
  if (runtime === 'onnxruntime') {
    return [
      ...when(precision !== 'fp32', {
        field: 'precision',
        detail: `is "${precision}", but runtime "onnxruntime" computes in "fp32" alone. Runtime "pytorch" has others.`,
      }),
    ];
  }
  if (device === 'webgpu') {
    return [
      {
        field: 'device',
        detail: 'is "webgpu", which runtime "onnxruntime" alone has: PyTorch computes on "cpu" and "cuda:N".',
      },
    ];
  }
  if (device !== 'cpu') return [];
  return [
    ...when(precision === 'tf32', {
      field: 'precision',
      detail: 'is "tf32", which only GPUs have: on "cpu" ask for "fp32" or "bf16".',
    }),
    ...when(precision === 'fp16', {
      field: 'precision',
      detail: 'is "fp16", which PyTorch trains in on GPUs alone: on "cpu" ask for "fp32" or "bf16".',
    }),
  ];
}

function when(isWrong: boolean, contradiction: Contradiction): Contradiction[] {
  return isWrong ? [contradiction] : [];
}
