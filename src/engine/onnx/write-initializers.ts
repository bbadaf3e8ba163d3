import { create, toBinary } from '@bufbuild/protobuf';
import type { ConstantTensor } from '../graph/tensor.js';
import { elementCount } from '../graph/tensor.js';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from './gen/onnx_pb.js';
import { ONNX_DATA_TYPES } from './onnx-data-types.js';

/** A float32 tensor whose content is written to where it is stored, so that it is in memory but once. */
export interface FilledTensor {
  readonly shape: readonly number[];
  readonly fill: (into: Float32Array) => void;
}

export type StoredTensor = ConstantTensor | FilledTensor;

/** One byte each: the numbers of these fields are below 16. */
const TAGS = {
  graph: lengthDelimited(ModelProtoSchema.field.graph.number),
  initializer: lengthDelimited(GraphProtoSchema.field.initializer.number),
  name: lengthDelimited(TensorProtoSchema.field.name.number),
  rawData: lengthDelimited(TensorProtoSchema.field.rawData.number),
};
/** So that the place of the content does not depend on the lengths before it: what a length of 32 bits takes at most. */
const LENGTH_BYTES = 5;

/**
 * A model file with these tensors stored in it, by name. It is made in one block of memory of the right size, into which
 * content is written at once: of the weights of a large network there is no other copy.
 *
 * Each tensor is in a message of its own of the field of the model's graph: readers of protocol buffers have to merge the
 * messages of a field that has but one (protobuf.dev, "Encoding", "Last One Wins"). Numbers may be written with more bytes
 * than they need, which aligns the content to its elements.
 */
export function withInitializers(
  model: Uint8Array,
  tensors: readonly (readonly [name: string, tensor: StoredTensor])[],
): Uint8Array {
  let end = model.length;
  const parts = tensors.map(([name, tensor]) => {
    const start = end;
    const head = headOf(name, tensor, start);
    end += head.length + byteLength(tensor);
    return { start, head, tensor };
  });
  const file = new Uint8Array(end);
  file.set(model);
  for (const { start, head, tensor } of parts) {
    file.set(head, start);
    writeContent(tensor, file.subarray(start + head.length, start + head.length + byteLength(tensor)));
  }
  return file;
}

/** All of a tensor's message but its content, which comes to lie at a multiple of four bytes when this begins at `start`. */
function headOf(name: string, tensor: StoredTensor, start: number): Uint8Array {
  const contentBytes = byteLength(tensor);
  const about = toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, {
      dims: tensor.shape.map(BigInt),
      dataType: ONNX_DATA_TYPES['dataType' in tensor ? tensor.dataType : 'float32'],
    }),
  );
  const utf8 = new TextEncoder().encode(name);
  const nameLength = varint(utf8.length);
  const fixed = 4 + 3 * LENGTH_BYTES + about.length + nameLength.length + utf8.length;
  const padding = (4 - ((start + fixed) % 4)) % 4;
  const tensorLength = about.length + 1 + nameLength.length + padding + utf8.length + 1 + LENGTH_BYTES + contentBytes;
  return Uint8Array.of(
    TAGS.graph,
    ...varint(1 + LENGTH_BYTES + tensorLength, LENGTH_BYTES),
    TAGS.initializer,
    ...varint(tensorLength, LENGTH_BYTES),
    ...about,
    TAGS.name,
    ...varint(utf8.length, nameLength.length + padding),
    ...utf8,
    TAGS.rawData,
    ...varint(contentBytes, LENGTH_BYTES),
  );
}

function writeContent(tensor: StoredTensor, into: Uint8Array): void {
  if ('fill' in tensor) {
    tensor.fill(new Float32Array(into.buffer, into.byteOffset, elementCount(tensor.shape)));
    return;
  }
  const { buffer, byteOffset, byteLength: length } = tensor.data;
  into.set(new Uint8Array(buffer, byteOffset, length));
}

function byteLength(tensor: StoredTensor): number {
  return 'fill' in tensor ? Float32Array.BYTES_PER_ELEMENT * elementCount(tensor.shape) : tensor.data.byteLength;
}

function lengthDelimited(field: number): number {
  return (field << 3) | 2;
}

/** A number below 2^32 as protocol buffers write it, in `bytes` bytes or more. */
function varint(value: number, bytes = 1): readonly number[] {
  const digits: number[] = [];
  let rest = value;
  while (rest > 0 || digits.length < bytes) {
    digits.push(rest % 128);
    rest = Math.floor(rest / 128);
  }
  return digits.map((digit, index) => (index < digits.length - 1 ? digit | 0x80 : digit));
}
