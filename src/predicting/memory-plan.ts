/** What memory at the peak is for, in bytes; of the whole process, which the parts sum to. */
export interface MemoryBreakdown {
  readonly weightsBytes: number;
  /** Of weights; not all of them need to be there at once. */
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
 * The parts of another peak than the planned one. Weights and the optimizer's state are as large as their tensors, whatever
 * was measured. Gradients, activations and workspace come and go: they are as planned where there is room for them, else
 * all less by the same share. What is left is the runtime's.
 */
export function breakdownOf({ breakdown }: MemoryPlan, peakRssBytes: number): MemoryBreakdown {
  let rest = Math.round(peakRssBytes);
  const take = (bytes: number): number => {
    const taken = Math.min(rest, Math.round(bytes));
    rest -= taken;
    return taken;
  };
  const weightsBytes = take(breakdown.weightsBytes);
  const optimizerBytes = take(breakdown.optimizerBytes);
  const passing = breakdown.gradientsBytes + breakdown.activationsBytes + breakdown.workspaceBytes;
  const share = Math.min(1, rest / Math.max(1, passing));
  const gradientsBytes = take(share * breakdown.gradientsBytes);
  const activationsBytes = take(share * breakdown.activationsBytes);
  const workspaceBytes = take(share * breakdown.workspaceBytes);
  return { weightsBytes, gradientsBytes, optimizerBytes, activationsBytes, workspaceBytes, runtimeBytes: rest };
}
