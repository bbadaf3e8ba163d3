import type { GraphNode, Value } from '../graph/node.js';
import type { OperatorName } from '../graph/operators.js';
import { sameShape } from '../graph/tensor.js';

/** An operand in whose memory a result may be written. */
interface Place {
  readonly operand: number;
  readonly result: number;
}

const FIRST: readonly Place[] = [{ operand: 0, result: 0 }];

/**
 * Operands in whose memory the kernels of onnxruntime 1.30 write a result, where nothing reads the operand any more and it
 * is as large as the result; seen in traces. Sums and products are not among them.
 */
const IN_PLACE: Readonly<Partial<Record<OperatorName, readonly Place[]>>> = {
  // Running statistics.
  BatchNormalization: [
    { operand: 3, result: 1 },
    { operand: 4, result: 2 },
  ],
  Cast: FIRST,
  Clip: FIRST,
  FusedConv: [{ operand: 3, result: 0 }],
  HardSigmoid: FIRST,
  LogSoftmax: FIRST,
  NchwcConv: [{ operand: 3, result: 0 }],
  Relu: FIRST,
  ScatterElements: FIRST,
  ScatterND: FIRST,
  Sigmoid: FIRST,
  Softmax: FIRST,
  Softplus: FIRST,
  StopGradient: FIRST,
  ThresholdedRelu: FIRST,
};

const NONE: readonly Value[] = [];

/** The operands whose memory may become that of a result, in the order in which the runtime tries them. */
export function replaceableOperands({ operator, inputs, outputs }: GraphNode, result: number): readonly Value[] {
  const places = IN_PLACE[operator];
  const output = outputs[result];
  if (!places || !output) return NONE;
  return places.flatMap((place) => {
    const operand = place.result === result ? inputs[place.operand] : null;
    return operand?.dataType === output.dataType && sameShape(operand.shape, output.shape) ? [operand] : [];
  });
}
