/** What memory at the peak is for, in bytes; of the whole process, which the parts sum to. */
export interface MemoryBreakdown {
  readonly weightsBytes: number;
  readonly gradientsBytes: number;
  /** What the optimizer keeps between steps. */
  readonly optimizerBytes: number;
  /** Images, results of the forward pass and of the backward pass that are not gradients of weights. */
  readonly activationsBytes: number;
  /** What operators need for their own work. */
  readonly workspaceBytes: number;
  /** Node.js, the runtime with its model, and what its allocator holds beyond the rest. */
  readonly runtimeBytes: number;
}

/** What a workload's graph alone tells of its memory. */
export interface MemoryPlan {
  readonly peakRssBytes: number;
  readonly breakdown: MemoryBreakdown;
}

/**
 * The parts of another peak than the planned one. Weights, gradients and the optimizer's state are as large as their
 * tensors, whatever was measured; so the rest is what differs, first what the runtime takes, then what it reuses.
 */
export function breakdownOf({ breakdown }: MemoryPlan, peakRssBytes: number): MemoryBreakdown {
  const { weightsBytes, gradientsBytes, optimizerBytes } = breakdown;
  const beside = Math.max(0, peakRssBytes - weightsBytes - gradientsBytes - optimizerBytes);
  const asked = breakdown.activationsBytes + breakdown.workspaceBytes;
  const share = asked === 0 ? 0 : Math.min(asked, beside) / asked;
  const activationsBytes = Math.round(breakdown.activationsBytes * share);
  const workspaceBytes = Math.round(breakdown.workspaceBytes * share);
  const runtimeBytes = Math.max(0, Math.round(beside) - activationsBytes - workspaceBytes);
  return { weightsBytes, gradientsBytes, optimizerBytes, activationsBytes, workspaceBytes, runtimeBytes };
}
