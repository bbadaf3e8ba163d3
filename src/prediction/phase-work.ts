import type { TracedPhase } from '../profiles/step-trace.js';
import { TERMS, type Term } from './cost-terms.js';
import type { KindWork } from './step-work.js';

/** Of a form that has them all; see `reachedShare`. */
const CONVOLUTION_MEMBERS = 13;
const KERNEL_HEIGHT = 2;
const KERNEL_WIDTH = 3;
const GROUPS = 6;
/** Pixels that a product of a kernel of 1x1 is of. */
const POINT = 1;

/**
 * What the seconds of a phase are a sum of, where nothing is known of its operators but what the graph counts, each with the
 * coefficient that is usual on a processor of 2024. The machine's own measurements move all of them together first, so that
 * only what they are to each other has to be about right.
 */
export const PARTS = {
  /** The phase itself. */
  once: 1e-4,
  images: 1e-4,
  /** Each is called by Python. */
  operators: 1e-5,
  /** Multiply-accumulates. */
  spatialProducts: 2.5e-11,
  pointwiseProducts: 3e-11,
  /** Depthwise ones mostly. */
  groupedProducts: 3e-10,
  linearProducts: 4e-11,
  /** Bytes of operands and results of what has products, and of all else. */
  productBytes: 5e-11,
  movedBytes: 1e-10,
  farBytes: 5e-11,
  weightBytes: 1e-10,
  /** Operators whose work only the run decides, times what is planted. */
  matched: 1e-8,
  found: 1e-7,
} as const;

export type Part = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly Part[];

/** One number a part, in the order of {@link PART_NAMES}. */
export type Parts = readonly number[];

/** What there is to be done in each phase; none of it falls with the batch, the size of images or the counts. */
export function phaseWork(works: readonly KindWork[]): ReadonlyMap<TracedPhase, Parts> {
  const phases = new Map<TracedPhase, Record<Part, number>>();
  for (const work of works) {
    const { phase } = work.kind;
    const parts = phases.get(phase) ?? nothing();
    phases.set(phase, parts);
    const products = productsOf(work);
    parts.once = 1;
    parts.images = Math.max(parts.images, term(work, 'images') / Math.max(1, term(work, 'fixed')));
    parts.operators += term(work, 'fixed');
    if (products !== null) parts[products] += term(work, 'compute');
    parts[products === null ? 'movedBytes' : 'productBytes'] += term(work, 'memory');
    parts.farBytes += term(work, 'farMemory');
    parts.weightBytes += term(work, 'weights');
    parts.matched += term(work, 'matched');
    parts.found += term(work, 'found');
  }
  return new Map(Array.from(phases, ([phase, parts]) => [phase, PART_NAMES.map((part) => parts[part])]));
}

/** Null where it multiplies no matrices. */
function productsOf({ kind, terms }: KindWork): Part | null {
  if ((terms[TERMS.indexOf('compute')] ?? 0) === 0) return null;
  const { operator, form } = kind;
  if (!operator.startsWith('Conv')) return 'linearProducts';
  if (form.length !== CONVOLUTION_MEMBERS) return 'spatialProducts';
  if ((form[GROUPS] ?? 1) > 1) return 'groupedProducts';
  return form[KERNEL_HEIGHT] === POINT && form[KERNEL_WIDTH] === POINT ? 'pointwiseProducts' : 'spatialProducts';
}

function term({ terms }: KindWork, name: Term): number {
  return terms[TERMS.indexOf(name)] ?? 0;
}

function nothing(): Record<Part, number> {
  return {
    once: 0,
    images: 0,
    operators: 0,
    spatialProducts: 0,
    pointwiseProducts: 0,
    groupedProducts: 0,
    linearProducts: 0,
    productBytes: 0,
    movedBytes: 0,
    farBytes: 0,
    weightBytes: 0,
    matched: 0,
    found: 0,
  };
}
