/** What was compared. */
export type CheckKind =
  | 'case'
  | 'count'
  | 'loss'
  | 'total'
  | 'gradient-names'
  | 'gradient-norm'
  | 'gradient-projection'
  | 'detections'
  | 'label'
  | 'score'
  | 'box'
  | 'mask';

/** One figure of a document beside the golden's. */
export interface Check {
  readonly kind: CheckKind;
  /** Where in the document, such as `losses.classification`. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  /** How far apart; infinite where the figure is missing or unequal in kind, NaN where it is not a number. */
  readonly error: number;
  /** Largest error that a right implementation in float32 makes. */
  readonly tolerance: number;
}

/** A check whose error is larger than its tolerance. */
export type Discrepancy = Check;

/** Whether an error is outside its tolerance; an error that is not a number is. */
export function isDiscrepancy({ error, tolerance }: Check): boolean {
  return !(error <= tolerance);
}

/** A check that holds when both are the same JSON; `undefined` stands for what is not there. */
export function equal(kind: CheckKind, subject: string, actual: unknown, expected: unknown): Check {
  const [actualText, expectedText] = [shown(actual), shown(expected)];
  return {
    kind,
    subject,
    expected: expectedText,
    actual: actualText,
    error: actualText === expectedText ? 0 : Infinity,
    tolerance: 0,
  };
}

/** A check that holds when two numbers are at most `tolerance` apart. */
export function near(
  kind: CheckKind,
  subject: string,
  actual: number | undefined,
  expected: number,
  tolerance: number,
): Check {
  const error = typeof actual === 'number' ? Math.abs(actual - expected) : Infinity;
  return { kind, subject, expected: shown(expected), actual: shown(actual), error, tolerance };
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
