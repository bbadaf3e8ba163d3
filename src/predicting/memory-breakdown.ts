/** What the tensors of a workload take at its peak, in bytes. */
export interface LivePart {
  readonly weightsBytes: number;
  /** What the optimizer keeps between steps. */
  readonly optimizerBytes: number;
  /** Results of the backward pass: gradients of weights and of activations. */
  readonly gradientsBytes: number;
  /** What a run is given, and results of the forward pass that are still needed. */
  readonly activationsBytes: number;
  /** What operators need for their own work. */
  readonly workspaceBytes: number;
}

/** What memory at the peak is for, in bytes; of the whole process, which the parts sum to. */
export interface MemoryBreakdown extends LivePart {
  /** The process (Node.js, or Python with PyTorch), the runtime with its model, and what its allocator holds beyond the rest. */
  readonly runtimeBytes: number;
}

/**
 * The parts of a peak. Weights and the optimizer's state are as large as their tensors, whatever was measured. Gradients,
 * activations and workspace come and go: they are as the graph plans them where there is room for them, else all less by
 * the same share. What is left is the runtime's.
 */
export function breakdownOf(live: LivePart, peakRssBytes: number): MemoryBreakdown {
  let rest = Math.round(peakRssBytes);
  const take = (bytes: number): number => {
    const taken = Math.min(rest, Math.round(bytes));
    rest -= taken;
    return taken;
  };
  const weightsBytes = take(live.weightsBytes);
  const optimizerBytes = take(live.optimizerBytes);
  const passing = live.gradientsBytes + live.activationsBytes + live.workspaceBytes;
  const share = Math.min(1, rest / Math.max(1, passing));
  const gradientsBytes = take(share * live.gradientsBytes);
  const activationsBytes = take(share * live.activationsBytes);
  const workspaceBytes = take(share * live.workspaceBytes);
  return { weightsBytes, optimizerBytes, gradientsBytes, activationsBytes, workspaceBytes, runtimeBytes: rest };
}
