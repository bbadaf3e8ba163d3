import type { Graph } from '../src/engine/graph/graph.js';
import type { Phase } from '../src/engine/graph/node.js';
import { elementCount } from '../src/engine/graph/tensor.js';
import type { NodeExecution, RunTrace } from '../src/engine/runtime/trace.js';
import { neededProducts } from './needed-products.js';

/** Time of a kind of operator beyond what the machine's rate would need for its multiply-accumulates. */
export interface Excess {
  readonly phase: Phase;
  readonly operator: string;
  /** Modules by the leading part of their path; empty for what belongs to the network as a whole. */
  readonly modules: string;
  readonly nodes: number;
  readonly seconds: number;
  readonly excessSeconds: number;
  /** Of all operators' time. */
  readonly excessShare: number;
}

/** Multiply-accumulates that the network asks for, by phase and module: a key of `placeOf`. */
export type NeededMultiplyAccumulates = ReadonlyMap<string, number>;

/** @param graph before lowering, which may compute more than is needed */
export function neededMultiplyAccumulates(graph: Graph): NeededMultiplyAccumulates {
  const needed = new Map<string, number>();
  for (const node of graph.nodes) {
    const count = neededProducts(node);
    if (count > 0) addTo(needed, placeOf(node.phase, node.scope), count);
  }
  return needed;
}

/**
 * What a run spends beyond its matrix products, largest first. Convolutions and products count with what they take
 * beyond the machine's rate, all other operators with all that they take. Products that lowering added to those the
 * module needs, such as with padding, are no excuse: they count as excess.
 *
 * @param rate multiply-accumulates a second of the machine's own matrix product
 */
export function excess(run: RunTrace, needed: NeededMultiplyAccumulates, rate: number): readonly Excess[] {
  const counted = run.map((node) => ({ node, scope: scopeOf(node), computed: computedMultiplyAccumulates(node) }));
  const computed = new Map<string, number>();
  for (const { node, scope, computed: count } of counted) addTo(computed, placeOf(node.phase, scope), count);
  const total = run.reduce((sum, { seconds }) => sum + seconds, 0);
  const groups = new Map<string, Excess>();
  for (const { node, scope, computed: count } of counted) {
    const place = placeOf(node.phase, scope);
    const neededHere = needed.get(place) ?? (isFused(node) ? Infinity : 0);
    const ideal = count === 0 ? 0 : (count * Math.min(1, neededHere / (computed.get(place) ?? count))) / rate;
    const { phase, operator, seconds } = node;
    const modules = moduleGroup(scope);
    const key = [phase, operator, modules].join(' ');
    const known = groups.get(key) ?? {
      phase,
      operator,
      modules,
      nodes: 0,
      seconds: 0,
      excessSeconds: 0,
      excessShare: 0,
    };
    const excessSeconds = known.excessSeconds + Math.max(0, seconds - ideal);
    groups.set(key, {
      ...known,
      nodes: known.nodes + 1,
      seconds: known.seconds + seconds,
      excessSeconds,
      excessShare: excessSeconds / total,
    });
  }
  return [...groups.values()].sort((a, b) => b.excessSeconds - a.excessSeconds);
}

/** Multiply-accumulates of an executed node by the shapes that it ran with; 0 for what is no product. */
export function computedMultiplyAccumulates({ operator, inputShapes, outputShapes }: NodeExecution): number {
  const [[input, weight], [output]] = [inputShapes, outputShapes];
  if (!input || !output) return 0;
  switch (operator) {
    case 'Conv':
    case 'FusedConv':
      return weight ? elementCount(output) * elementCount(weight.slice(1)) : 0;
    case 'ConvTranspose':
      return weight ? elementCount(input) * elementCount(weight.slice(1)) : 0;
    case 'Gemm':
    case 'FusedGemm':
    case 'MatMul':
    case 'FusedMatMul': {
      // Rows times summed axis make up the first operand's matrix, in whichever order they lie.
      const rows = output.at(-2) ?? 1;
      return rows === 0 ? 0 : (elementCount(output) * elementCount(input.slice(-2))) / rows;
    }
    default:
      return 0;
  }
}

/** Whether the runtime named it after a node that it took in, which may be another module's: then it has its products. */
function isFused({ name, operator }: NodeExecution): boolean {
  return !(name.split('/').at(-1) ?? '').startsWith(operator);
}

/** Path of the module in a node's name, `phase/module/operator` with what the runtime put around it. */
function scopeOf({ name, phase }: NodeExecution): string {
  const start = name.indexOf(`${phase}/`);
  if (start < 0) return '';
  const parts = name.slice(start + phase.length + 1).split('/');
  return parts.length > 1 ? (parts[0] ?? '') : '';
}

/** The path up to its first number, or three names of it: layers that are alike stand together. */
export function moduleGroup(scope: string): string {
  const parts = scope.split('.');
  const number = parts.findIndex((part) => /^\d+$/.test(part));
  return parts.slice(0, number < 0 ? 3 : Math.min(3, number)).join('.');
}

function placeOf(phase: Phase, scope: string): string {
  return `${phase}/${scope}`;
}

function addTo(sums: Map<string, number>, key: string, count: number): void {
  sums.set(key, (sums.get(key) ?? 0) + count);
}
