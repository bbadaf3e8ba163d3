import { equal, isDiscrepancy, near, type Check, type Discrepancy } from './checks.js';
import type { GoldenDocument, StepFigures } from './document-types.js';
import { inferenceChecks } from './golden-inference.js';

const LOSS_TOLERANCE = { relative: 1e-4, timesFloat32Error: 30 };
const GRADIENT_TOLERANCE = { relative: 5e-3, timesFloat32Error: 10, ofTotalNorm: 1e-6 };
/** Sums of doubles in another order. */
const SUM_TOLERANCE = 1e-9;
const CASE_KEYS = [
  'architecture',
  'weights_backbone',
  'batch',
  'image_size',
  'min_size',
  'max_size',
  'objects',
  'seed',
] as const;
const COUNT_KEYS = ['parameters', 'trainable_parameters', 'forward_gmacs'] as const;

/**
 * What in `document` is not as a right implementation computes it. A loss may be off by 30 times PyTorch's own float32
 * error or 1e-4 of itself; a gradient's norm and projection by 10 times that error or 5e-3 of its norm, and by 1e-6 of
 * the total norm besides; scores by 1e-3, boxes by 0.1 pixel. The rest must be equal.
 */
export function compareWithGolden(document: StepFigures, golden: GoldenDocument): Discrepancy[] {
  return checksAgainstGolden(document, golden).filter(isDiscrepancy);
}

/** All that `compareWithGolden` looks at, also where it agrees. */
export function checksAgainstGolden(document: StepFigures, golden: GoldenDocument): Check[] {
  return [
    ...CASE_KEYS.map((key) => equal('case', key, document[key], golden[key])),
    ...COUNT_KEYS.map((key) => equal('count', key, document[key], golden[key])),
    ...lossChecks(document, golden),
    ...gradientChecks(document, golden),
    ...inferenceChecks(document.inference, golden.inference),
  ];
}

function lossChecks(document: StepFigures, golden: GoldenDocument): Check[] {
  const { relative, timesFloat32Error } = LOSS_TOLERANCE;
  const checks = Object.entries(golden.losses).map(([name, expected]) => {
    const float32Error = golden.float32_error.losses[name] ?? 0;
    const tolerance = Math.max(relative, timesFloat32Error * float32Error) * Math.abs(expected);
    return near('loss', `losses.${name}`, document.losses[name], expected, tolerance);
  });
  const extra = Object.keys(document.losses).filter((name) => !Object.hasOwn(golden.losses, name));
  const sum = Object.values(document.losses).reduce((total, loss) => total + loss, 0);
  return [
    ...checks,
    ...extra.map((name) => equal('loss', `losses.${name}`, document.losses[name], undefined)),
    near('total', 'total', document.total, sum, SUM_TOLERANCE * Math.abs(sum)),
  ];
}

function gradientChecks(document: StepFigures, golden: GoldenDocument): Check[] {
  const gradients = document.gradients ?? {};
  const checks: Check[] = [];
  for (const [name, expected] of Object.entries(golden.gradients)) {
    const subject = `gradients.${name}`;
    const actual = Object.hasOwn(gradients, name) ? gradients[name] : undefined;
    if (actual === undefined) {
      checks.push(equal('gradient-names', subject, undefined, 'a gradient'));
      continue;
    }
    const { relative, timesFloat32Error, ofTotalNorm } = GRADIENT_TOLERANCE;
    const tolerance =
      Math.max(relative, timesFloat32Error * expected.float32_error) * expected.norm +
      ofTotalNorm * golden.gradient_norm;
    checks.push(
      near('gradient-norm', `${subject}.norm`, actual.norm, expected.norm, tolerance),
      near('gradient-projection', `${subject}.projection`, actual.projection, expected.projection, tolerance),
    );
  }
  for (const name of Object.keys(gradients)) {
    if (!Object.hasOwn(golden.gradients, name)) {
      checks.push(equal('gradient-names', `gradients.${name}`, 'a gradient', undefined));
    }
  }
  const norm = Math.hypot(...Object.values(gradients).map((gradient) => gradient.norm));
  checks.push(near('total', 'gradient_norm', document.gradient_norm, norm, SUM_TOLERANCE * norm));
  return checks;
}
