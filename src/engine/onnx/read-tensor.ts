import type { ConstantTensor, DataType, TensorData } from '../graph/tensor.js';
import { bytesPerElement, elementCount } from '../graph/tensor.js';
import type { TensorProto } from './gen/onnx_pb.js';
import { TensorProto_DataLocation, TensorProto_DataType } from './gen/onnx_pb.js';
import { UnreadableModelError } from './unreadable-model-error.js';
import { ONNX_DATA_TYPES } from './onnx-data-types.js';

const DATA_TYPES: ReadonlyMap<number, DataType> = new Map(
  Object.entries(ONNX_DATA_TYPES).map(([name, number]) => [number, name as DataType]),
);

/** The engine's element type for ONNX's number. @throws UnreadableModelError when it has none */
export function readDataType(number: number, what: string): DataType {
  const dataType = DATA_TYPES.get(number);
  if (!dataType) {
    throw new UnreadableModelError(
      `${what} has elements of type ${TensorProto_DataType[number] ?? number}; ` +
        `known are ${Object.keys(ONNX_DATA_TYPES).join(', ')}`,
    );
  }
  return dataType;
}

/** A stored tensor, from raw bytes or from the field of its type. @throws UnreadableModelError */
export function readTensor(proto: TensorProto, what: string): ConstantTensor {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    throw new UnreadableModelError(`${what} is kept in another file; the model must hold its tensors itself`);
  }
  const dataType = readDataType(proto.dataType, what);
  const shape = proto.dims.map(Number);
  const data = proto.rawData.length > 0 ? fromBytes(dataType, proto.rawData) : fromNumbers(dataType, proto);
  const expected = elementCount(shape);
  if (data?.length !== expected) {
    throw new UnreadableModelError(
      `${what} of shape [${shape.join(', ')}] must hold ${expected} elements, but holds ${data?.length ?? 'a part of one'}`,
    );
  }
  return { dataType, shape, data };
}

/** Null when the bytes end within an element. */
function fromBytes(dataType: DataType, bytes: Uint8Array): TensorData | null {
  if (bytes.length % bytesPerElement(dataType) !== 0) return null;
  // A copy: the bytes lie anywhere in the file, and elements must be aligned.
  const { buffer } = new Uint8Array(bytes);
  switch (dataType) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'bool':
      return new Uint8Array(buffer);
  }
}

function fromNumbers(dataType: DataType, proto: TensorProto): TensorData {
  switch (dataType) {
    case 'float32':
      return Float32Array.from(proto.floatData);
    case 'float64':
      return Float64Array.from(proto.doubleData);
    case 'int64':
      return BigInt64Array.from(proto.int64Data);
    case 'int32':
      return Int32Array.from(proto.int32Data);
    case 'bool':
      return Uint8Array.from(proto.int32Data);
  }
}
