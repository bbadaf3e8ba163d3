import type { DataType } from '../graph/tensor.js';
import { TensorProto_DataType } from './gen/onnx_pb.js';

export const ONNX_DATA_TYPES: Readonly<Record<DataType, TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  bool: TensorProto_DataType.BOOL,
};
