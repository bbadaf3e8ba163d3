import { distance } from 'fastest-levenshtein';

/** Comparing takes time in proportion to the length: what is longer than any name resembles none. */
const LONGEST_COMPARED = 100;

/**
 * The known names that someone who wrote `name` may have meant, nearest first.
 *
 * @param within share of the longer name that may differ; 1 lets every name through
 */
export function nearestNames(name: string, known: Iterable<string>, { limit = 3, within = 0.5 } = {}): string[] {
  const written = name.toLowerCase().slice(0, LONGEST_COMPARED);
  return [...known]
    .map((candidate) => ({ candidate, edits: distance(written, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= within * Math.max(written.length, candidate.length))
    .sort((left, right) => left.edits - right.edits || left.candidate.localeCompare(right.candidate))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}
