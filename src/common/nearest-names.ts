import { distance } from 'fastest-levenshtein';

/** Comparing takes time in proportion to the length: what is longer than any name resembles none. */
const LONGEST_COMPARED = 100;
/** Shorter texts are part of too many names to tell any of them. */
const SHORTEST_PART = 3;

/**
 * The known names that someone who wrote `name` may have meant: those of which it is a part, then the others, each
 * nearest first.
 *
 * @param within share of the longer name that may differ, where `name` is no part of it; 1 lets every name through
 */
export function nearestNames(name: string, known: Iterable<string>, { limit = 3, within = 0.5 } = {}): string[] {
  const written = name.toLowerCase().slice(0, LONGEST_COMPARED);
  return [...known]
    .map((candidate) => {
      const lower = candidate.toLowerCase();
      const isPart = written.length >= SHORTEST_PART && lower.includes(written);
      return { candidate, isPart, edits: distance(written, lower) };
    })
    .filter(({ candidate, isPart, edits }) => isPart || edits <= within * Math.max(written.length, candidate.length))
    .sort(
      (left, right) =>
        Number(right.isPart) - Number(left.isPart) ||
        left.edits - right.edits ||
        left.candidate.localeCompare(right.candidate),
    )
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}
