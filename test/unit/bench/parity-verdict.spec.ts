import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { agrees, judged, seedsOutside, withFixedTolerances, type SeedOutcome } from '../../../bench/parity-verdict.js';
import type { GoldenDocument } from '../../../src/engine/parity/document-types.js';
import { checksAgainstGolden } from '../../../src/engine/parity/golden.js';

const outcome = (outside: number, outsideFixed: number, float32OutsideFixed: number | null): SeedOutcome => ({
  seed: 0,
  figures: 100,
  outside,
  outsideFixed,
  float32OutsideFixed,
});

describe('a group of seeds', () => {
  it('agrees with three of four, however far off the fourth is', () => {
    const right = outcome(0, 50, null);
    expect(agrees([right, right, outcome(100, 100, null), right])).toBe(true);
    expect(agrees([right, outcome(1, 1, null), outcome(1, 1, null), right])).toBe(false);
    expect(agrees([outcome(1, 1, null)])).toBe(false);
  });

  it('is judged by the seeds with which either is outside the fixed tolerances', () => {
    const engineAlone = outcome(2, 5, 0);
    const float32Alone = outcome(0, 0, 70);
    expect(judged([engineAlone, float32Alone])).toBe('no worse');
    expect(judged([engineAlone, engineAlone, float32Alone])).toBe('worse');
    expect(judged([outcome(0, 3, 0)])).toBe('worse');
  });

  it('counts the seeds alone on which both were run', () => {
    expect(seedsOutside([outcome(1, 1, null), outcome(1, 1, 0), outcome(0, 0, 4), outcome(0, 0, 0)])).toEqual({
      seeds: 3,
      engine: 1,
      float32: 1,
    });
  });
});

describe('fixed tolerances', () => {
  const golden = JSON.parse(
    readFileSync(join(__dirname, '..', '..', 'golden', 'resnet18.none.json'), 'utf8'),
  ) as GoldenDocument;
  // As if float32 had been off by a tenth everywhere, which widens each tolerance to all of the figure.
  const loose: GoldenDocument = {
    ...golden,
    gradients: Object.fromEntries(
      Object.entries(golden.gradients).map(([name, figures]) => [name, { ...figures, float32_error: 0.1 }]),
    ),
    float32_error: {
      ...golden.float32_error,
      losses: Object.fromEntries(Object.keys(golden.losses).map((name) => [name, 0.1])),
    },
  };

  it('are what is left when PyTorch’s float32 error widens none', () => {
    const checks = checksAgainstGolden(golden, withFixedTolerances(loose));
    const norm = checks.find(({ subject }) => subject === 'gradients.conv1.weight.norm');
    const expected = golden.gradients['conv1.weight']?.norm ?? NaN;
    expect(norm?.tolerance).toBeCloseTo(5e-3 * expected + 1e-6 * golden.gradient_norm, 12);
    const loss = checks.find(({ kind }) => kind === 'loss');
    expect(loss?.tolerance).toBeCloseTo(1e-4 * (golden.losses.loss ?? NaN), 12);
  });

  it('leave the figures as they are', () => {
    expect(withFixedTolerances(loose).losses).toEqual(golden.losses);
    expect(withFixedTolerances(loose).inference).toEqual(golden.inference);
  });
});
