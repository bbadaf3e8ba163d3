import { differentiate } from '../../../src/engine/autodiff/differentiate.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import type { GraphNode, Value } from '../../../src/engine/graph/node.js';
import { mul } from '../../../src/engine/graph/ops.js';
import { elementCount, staticShape } from '../../../src/engine/graph/tensor.js';
import { sumAll } from '../../../src/engine/nn/losses.js';
import type { InputData, Layout } from '../support/execute.js';
import { compile, execute } from '../support/execute.js';
import type { GradientCase } from './gradient-case.js';
import { randomNumbers, repeatedNumbers } from './gradient-case.js';

/** Differences of a linear function are exact over any distance. */
const LINEAR_DISTANCE = 0.5;
const CURVED_DISTANCE = 1 / 64;

export interface BuiltCase {
  readonly graph: Graph;
  readonly operands: readonly Value[];
  readonly output: Value;
  /** Random weights of the output's elements, whose weighted sum is differentiated. */
  readonly projection: Value;
  /** By operand that was asked for. */
  readonly gradients: ReadonlyMap<Value, Value>;
}

/** The case's graph with the gradient by the operands at `wanted`. */
export function buildCase(gradientCase: GradientCase, wanted: readonly number[]): BuiltCase {
  const graph = new Graph();
  const operands = gradientCase.operands.map(({ shape }, index) => graph.input(`x${index}`, 'float32', shape));
  const output = gradientCase.build(graph, operands);
  const projection = graph.input('projection', 'float32', output.shape);
  const weighted = mul(graph, output, projection);
  const loss = weighted.shape.length === 0 ? weighted : sumAll(graph, weighted);
  const gradients = differentiate(
    graph,
    loss,
    operands.filter((_, index) => wanted.includes(index)),
  );
  return { graph, operands, output, projection, gradients };
}

/** Random content of every input of a case. */
export function dataOf(
  { operands, projection }: BuiltCase,
  gradientCase: GradientCase,
  seed: number,
): ReadonlyMap<Value, Float32Array> {
  const contents = operands.map((value, index) => {
    const operand = gradientCase.operands[index];
    if (!operand) throw new Error(`the case has no operand ${index}`);
    return [value, randomNumbers(`${gradientCase.name}.${value.name}`, seed, operand)] as const;
  });
  const count = elementCount(staticShape('the output', projection.shape));
  return new Map<Value, Float32Array>([
    ...contents,
    [projection, repeatedNumbers(`${gradientCase.name}.projection`, seed, count, (u) => 2 * u - 1)],
  ]);
}

/** Gradient by each operand at `wanted`, as the engine computes it. */
export async function gradientsOf(
  gradientCase: GradientCase,
  wanted: readonly number[],
  seed: number,
  layout: Layout,
): Promise<ReadonlyMap<number, Float64Array>> {
  const built = buildCase(gradientCase, wanted);
  const values = wanted.map((index) => {
    const gradient = built.operands[index] && built.gradients.get(built.operands[index]);
    if (!gradient) throw new Error(`there is no gradient by operand ${index}`);
    return gradient;
  });
  const results = await execute(built.graph, values, dataOf(built, gradientCase, seed), layout);
  return new Map(wanted.map((index, place) => [index, results[place] ?? new Float64Array()]));
}

export interface DirectionalDerivative {
  /** As the float32 operand really moved: 1 or -1, and its rounding error. */
  readonly direction: Float64Array;
  readonly derivative: number;
}

/**
 * Derivatives of the projected output along random directions by each operand, by central differences; sums are in
 * double precision. For what is not linear, differences over two distances are combined so that the error falls with
 * the fourth power of the distance.
 */
export async function directionalDerivatives(
  gradientCase: GradientCase,
  seed: number,
  directions: number,
  layout: Layout,
): Promise<readonly (readonly DirectionalDerivative[])[]> {
  const built = buildCase(gradientCase, []);
  const data = dataOf(built, gradientCase, seed);
  const projection = data.get(built.projection) ?? new Float32Array();
  const program = await compile(built.graph, [built.output], layout);
  const projected = async (inputs: ReadonlyMap<Value, InputData>): Promise<number> => {
    const [output] = await program.run(inputs);
    return dot(output ?? new Float64Array(), projection);
  };
  const along = async (value: Value, signs: Float32Array, distance: number): Promise<DirectionalDerivative> => {
    const start = data.get(value) ?? new Float32Array();
    const moved = (sign: number): Float32Array => start.map((x, index) => x + sign * distance * (signs[index] ?? NaN));
    const [ahead, behind] = [moved(1), moved(-1)];
    const difference =
      (await projected(new Map(data).set(value, ahead))) - (await projected(new Map(data).set(value, behind)));
    return {
      direction: new Float64Array(ahead).map((x, index) => (x - (behind[index] ?? NaN)) / (2 * distance)),
      derivative: difference / (2 * distance),
    };
  };
  const derivativeAlong = async (value: Value, signs: Float32Array): Promise<DirectionalDerivative> => {
    if (gradientCase.linear) return along(value, signs, LINEAR_DISTANCE);
    const near = await along(value, signs, CURVED_DISTANCE);
    const far = await along(value, signs, 2 * CURVED_DISTANCE);
    return { direction: near.direction, derivative: (4 * near.derivative - far.derivative) / 3 };
  };
  try {
    const results: (readonly DirectionalDerivative[])[] = [];
    for (const value of built.operands) {
      const found: DirectionalDerivative[] = [];
      for (let index = 0; index < directions; index++) {
        const count = elementCount(staticShape('an operand', value.shape));
        const signs = repeatedNumbers(`${value.name}.direction.${index}`, seed, count, (u) => (u < 0.5 ? -1 : 1));
        found.push(await derivativeAlong(value, signs));
      }
      results.push(found);
    }
    return results;
  } finally {
    await program.release();
  }
}

/**
 * How far the gradient by each operand is from what differences say: the largest error of a derivative along a
 * direction of +-1s, as a share of the gradient's norm.
 */
export async function gradientErrors(
  gradientCase: GradientCase,
  seed: number,
  directions: number,
  layout: Layout,
): Promise<readonly number[]> {
  const gradients = await gradientsOf(gradientCase, everyOperand(gradientCase), seed, layout);
  const measured = await directionalDerivatives(gradientCase, seed, directions, layout);
  return measured.map((derivatives, index) => {
    const gradient = gradients.get(index) ?? new Float64Array();
    // A gradient that vanishes (of a softmax over one class) is compared with the size of the projection, 1.
    const norm = Math.max(Math.sqrt(dot(gradient, gradient)), 0.01);
    return Math.max(
      ...derivatives.map(({ direction, derivative }) => Math.abs(dot(gradient, direction) - derivative) / norm),
    );
  });
}

export const everyOperand = ({ operands }: GradientCase): readonly number[] => operands.map((_, index) => index);

function dot(a: Float64Array, b: Float64Array | Float32Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] ?? NaN) * (b[index] ?? NaN);
  return sum;
}

/** Nodes of `graph` that none of `outputs` needs. */
export function unneededNodes(graph: Graph, outputs: readonly Value[]): readonly GraphNode[] {
  const needed = new Set<Value | null>(outputs);
  return [...graph.nodes].reverse().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return true;
    node.inputs.forEach((input) => needed.add(input));
    return false;
  });
}
