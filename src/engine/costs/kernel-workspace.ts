import type { GraphNode, Value } from '../graph/node.js';
import type { ConvAttributes, OperatorName, Operators } from '../graph/operators.js';
import { at, bytesPerElement, elementCount, isStatic } from '../graph/tensor.js';

/** Numbers that a thread's part of a convolution lays out at once: `MLAS_CONV_WORKING_BUFFER_SIZE_PER_THREAD`. */
const SEGMENT_ELEMENTS = 128 * 128;
/** Multiply-accumulates from which on a convolution gets another thread: `MLAS_SGEMM_THREAD_COMPLEXITY`. */
const THREAD_COMPLEXITY = 64 * 1024;
/** Positions of a thread's part are a multiple of these. */
const PART_ALIGNMENT = 16;

type Workspace = (node: GraphNode, threads: number) => number;

const WORKSPACES: Readonly<Partial<Record<OperatorName, Workspace>>> = {
  Conv: (node, threads) => convBytes(node as GraphNode<'Conv'>, threads),
  Conv3d: (node, threads) => convBytes(node as GraphNode<'Conv3d'>, threads),
  ConvTranspose: (node) => convTransposeBytes(node as GraphNode<'ConvTranspose'>),
  FusedConv: (node, threads) => convBytes(node as GraphNode<'FusedConv'>, threads),
  LogSoftmax: (node) => softmaxBytes(node as GraphNode<'LogSoftmax'>),
  Softmax: (node) => softmaxBytes(node as GraphNode<'Softmax'>),
};

/**
 * Bytes that a kernel of onnxruntime 1.30 takes from the arena for its own work, and gives back at its end: the inputs of
 * a convolution laid out as a matrix (mlas/lib/convolve.cpp), and results before they are put in order.
 */
export function kernelWorkspaceBytes(node: GraphNode, threads: number): number {
  return WORKSPACES[node.operator]?.(node, threads) ?? 0;
}

type AnyConvAttributes = ConvAttributes | Operators['Conv3d'];

function convBytes(
  { inputs, outputs, attributes }: GraphNode<'Conv' | 'Conv3d' | 'FusedConv'>,
  threads: number,
): number {
  const [x, weight, y] = [sizesOf(inputs[0]), sizesOf(inputs[1]), sizesOf(outputs[0])];
  if (!x || !weight || !y) return 0;
  const { group } = attributes;
  const [filters, inputsOfPosition] = [at(weight, 0) / group, elementCount(weight.slice(1))];
  const positions = elementCount(y.slice(2));
  if (isProduct(weight, attributes)) return 0;
  const laidOut = positions * inputsOfPosition;
  if (filters > positions) return 4 * laidOut;
  return 4 * SEGMENT_ELEMENTS * segmentThreads(filters * laidOut, positions, threads);
}

/** Whether the input is the matrix already. */
function isProduct(weight: readonly number[], { strides, pads }: AnyConvAttributes): boolean {
  const isPlain = [...strides].every((stride) => stride === 1) && [...pads].every((pad) => pad === 0);
  return isPlain && elementCount(weight.slice(2)) === 1;
}

function segmentThreads(products: number, positions: number, most: number): number {
  const threads = Math.min(most, Math.floor(products / THREAD_COMPLEXITY) + 1);
  if (threads === 1) return 1;
  const part = Math.ceil(Math.ceil(positions / threads) / PART_ALIGNMENT) * PART_ALIGNMENT;
  if (part >= positions) return 1;
  return part * (threads - 1) >= positions ? threads - 1 : threads;
}

/** What a position of each image gives to its neighbours, image by image. */
function convTransposeBytes({ inputs }: GraphNode<'ConvTranspose'>): number {
  const [x, weight] = [sizesOf(inputs[0]), sizesOf(inputs[1])];
  return x && weight ? 4 * elementCount(x.slice(2)) * elementCount(weight.slice(1)) : 0;
}

/** Along another axis than the last: the operand and the result with that axis last. */
function softmaxBytes({ inputs, attributes: { axis } }: GraphNode<'Softmax' | 'LogSoftmax'>): number {
  const x = sizesOf(inputs[0]);
  const type = inputs[0]?.dataType;
  if (!x || !type || axis === -1 || axis === x.length - 1) return 0;
  return 2 * elementCount(x) * bytesPerElement(type);
}

function sizesOf(value: Value | null | undefined): readonly number[] | null {
  return value && isStatic(value.shape) ? value.shape : null;
}
