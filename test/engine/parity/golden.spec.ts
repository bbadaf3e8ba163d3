import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CheckKind } from '../../../src/engine/parity/checks.js';
import type { DetectionAnswer, GoldenDocument, StepFigures } from '../../../src/engine/parity/document-types.js';
import { checksAgainstGolden, compareWithGolden } from '../../../src/engine/parity/golden.js';

const WELL_CONDITIONED = 'backbone.features.0.0.0.weight';
/** A bias ahead of a live norm: its true gradient is 0, PyTorch's float32 error many times its norm. */
const VANISHING = 'backbone.features.0.1.block.1.1.bias';

function readGolden(variant: string): GoldenDocument {
  const path = join(__dirname, '..', '..', 'golden', `ssdlite320_mobilenet_v3_large.${variant}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as GoldenDocument;
}

const golden = readGolden('none');

const same = (figure: number): number => figure;

interface GradientChange {
  readonly norm?: (norm: number) => number;
  readonly projection?: (projection: number) => number;
}

function withGradient(name: string, change: GradientChange): StepFigures {
  const figures = golden.gradients[name];
  if (figures === undefined) throw new Error(`The golden has no gradient of ${name}.`);
  const { norm = same, projection = same } = change;
  const gradients = {
    ...golden.gradients,
    [name]: { norm: norm(figures.norm), projection: projection(figures.projection) },
  };
  return consistent({ ...golden, gradients });
}

function withLoss(name: string, factor: number): StepFigures {
  return consistent({ ...golden, losses: { ...golden.losses, [name]: (golden.losses[name] ?? NaN) * factor } });
}

const answers = golden.inference as readonly DetectionAnswer[];

/** With the sums that follow from the parts. */
function consistent(document: StepFigures): StepFigures {
  return {
    ...document,
    total: Object.values(document.losses).reduce((sum, loss) => sum + loss, 0),
    gradient_norm: Math.hypot(...Object.values(document.gradients ?? {}).map(({ norm }) => norm)),
  };
}

function withFirstAnswer(change: (answer: DetectionAnswer) => DetectionAnswer): StepFigures {
  return { ...golden, inference: answers.map((answer, i) => (i === 0 ? change(answer) : answer)) };
}

function kinds(document: StepFigures): CheckKind[] {
  return [...new Set(compareWithGolden(document, golden).map(({ kind }) => kind))];
}

function without<T>(record: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}

/** Elements `i` and `j` in each other's place. */
function swapped<T>(values: readonly T[], i: number, j: number): T[] {
  return values.map((value, k) => values[k === i ? j : k === j ? i : k] ?? value);
}

describe('compareWithGolden', () => {
  it.each(['none', 'default'])('finds nothing where the document is the golden itself (%s)', (variant) => {
    const itself = readGolden(variant);
    expect(compareWithGolden(itself, itself)).toEqual([]);
  });

  it('looks at both losses, and at norm and projection of every parameter', () => {
    const counted = (kind: CheckKind): number =>
      checksAgainstGolden(golden, golden).filter((check) => check.kind === kind).length;
    const parameters = Object.keys(golden.gradients).length;
    expect(parameters).toBeGreaterThan(200);
    expect(counted('loss')).toBe(2);
    expect(counted('gradient-norm')).toBe(parameters);
    expect(counted('gradient-projection')).toBe(parameters);
    expect(counted('label')).toBe(golden.batch * 5);
    expect(counted('box')).toBe(golden.batch * 5 * 4);
  });

  describe('of losses', () => {
    it('allows 1e-4 of a loss that PyTorch computes exactly, and no more', () => {
      expect(kinds(withLoss('classification', 1 + 0.9e-4))).toEqual([]);
      expect(kinds(withLoss('classification', 1 - 1.1e-4))).toEqual(['loss']);
    });

    it('allows 30 times the error of float32 where that is larger', () => {
      const losses = { ...golden.float32_error.losses, classification: 1e-3 };
      const rough: GoldenDocument = { ...golden, float32_error: { ...golden.float32_error, losses } };
      expect(compareWithGolden(withLoss('classification', 1.029), rough)).toEqual([]);
      expect(compareWithGolden(withLoss('classification', 1.031), rough)).toHaveLength(1);
    });

    it('reports a loss that is missing, one too many, and one that is not a number', () => {
      expect(kinds(consistent({ ...golden, losses: without(golden.losses, 'classification') }))).toEqual(['loss']);
      expect(kinds(consistent({ ...golden, losses: { ...golden.losses, objectness: 0 } }))).toEqual(['loss']);
      expect(kinds(withLoss('classification', NaN))).toContain('loss');
    });

    it('reports a total that is not the sum of the losses', () => {
      expect(kinds({ ...golden, total: golden.total * (1 + 1e-6) })).toEqual(['total']);
    });
  });

  describe('of gradients', () => {
    it('allows ten times the error of float32, and no more', () => {
      const tolerance = 10 * (golden.gradients[WELL_CONDITIONED]?.float32_error ?? NaN);
      expect(kinds(withGradient(WELL_CONDITIONED, { norm: (n) => n * (1 + 0.95 * tolerance) }))).toEqual([]);
      expect(kinds(withGradient(WELL_CONDITIONED, { norm: (n) => n * (1 + 1.05 * tolerance) }))).toEqual([
        'gradient-norm',
      ]);
    });

    it('allows 5e-3 of the norm where float32 is exact', () => {
      const figures = { norm: 2, projection: 1 };
      const exact: GoldenDocument = {
        ...golden,
        gradients: { 'head.weight': { ...figures, float32_error: 0 } },
        gradient_norm: 2,
      };
      const measured = (projection: number): StepFigures => ({
        ...exact,
        gradients: { 'head.weight': { ...figures, projection } },
      });
      expect(compareWithGolden(measured(1.0099), exact)).toEqual([]);
      expect(compareWithGolden(measured(1.0101), exact)).toHaveLength(1);
    });

    it('reports a gradient whose sign is wrong, though its norm is right', () => {
      expect(kinds(withGradient(WELL_CONDITIONED, { projection: (p) => -p }))).toEqual(['gradient-projection']);
    });

    it('allows rounding where the true gradient is 0, but not a real gradient', () => {
      const float32 = 1e-6 * golden.gradient_norm;
      expect(kinds(withGradient(VANISHING, { norm: () => float32, projection: () => -float32 }))).toEqual([]);
      expect(kinds(withGradient(VANISHING, { norm: () => 1e-3 }))).toEqual(['gradient-norm']);
    });

    it('reports a parameter that is missing, and names it', () => {
      const document = consistent({ ...golden, gradients: without(golden.gradients, WELL_CONDITIONED) });
      expect(compareWithGolden(document, golden)).toMatchObject([
        { kind: 'gradient-names', subject: `gradients.${WELL_CONDITIONED}`, actual: 'nothing' },
      ]);
    });

    it('reports a parameter too many, also by the name of an inherited property', () => {
      const gradients = { ...golden.gradients, toString: { norm: 0, projection: 0 } };
      expect(compareWithGolden({ ...golden, gradients }, golden)).toMatchObject([
        { kind: 'gradient-names', subject: 'gradients.toString', expected: 'nothing' },
      ]);
    });

    it('reports a document without gradients', () => {
      expect(kinds({ ...golden, gradients: undefined })).toContain('gradient-names');
    });

    it('reports a total norm that is not that of the gradients', () => {
      expect(kinds({ ...golden, gradient_norm: golden.gradient_norm * (1 + 1e-6) })).toEqual(['total']);
    });
  });

  describe('of what was run', () => {
    it.each([
      { change: { seed: golden.seed + 1 }, kind: 'case' },
      { change: { image_size: [280, 200] }, kind: 'case' },
      { change: { weights_backbone: 'default' as const }, kind: 'case' },
      { change: { min_size: 320 }, kind: 'case' },
      { change: { parameters: golden.parameters + 1 }, kind: 'count' },
      { change: { trainable_parameters: golden.parameters - 16 }, kind: 'count' },
      { change: { forward_gmacs: golden.forward_gmacs + 1e-6 }, kind: 'count' },
    ])('reports $change', ({ change, kind }) => {
      expect(kinds({ ...golden, ...change })).toEqual([kind]);
    });
  });

  describe('of answers', () => {
    it('reports another number of detections', () => {
      expect(kinds(withFirstAnswer((answer) => ({ ...answer, detections: answer.detections - 1 })))).toEqual([
        'detections',
      ]);
    });

    it('reports a document without answers, and one without those of an image', () => {
      expect(kinds({ ...golden, inference: undefined })).toEqual(['detections']);
      expect(kinds({ ...golden, inference: answers.slice(1) })).toContain('detections');
    });

    it('reports another label', () => {
      const relabelled = withFirstAnswer((answer) => ({ ...answer, labels: answer.labels.map((label) => label + 1) }));
      expect(kinds(relabelled)).toEqual(['label']);
    });

    it('allows a score 1e-3 off, and no more', () => {
      const offBy = (offset: number): StepFigures =>
        withFirstAnswer((answer) => ({ ...answer, scores: answer.scores.map((score) => score + offset) }));
      expect(kinds(offBy(0.9e-3))).toEqual([]);
      expect(kinds(offBy(-1.1e-3))).toEqual(['score']);
    });

    it('allows a box 0.1 pixel off, and no more', () => {
      const offBy = (offset: number): StepFigures =>
        withFirstAnswer((answer) => ({
          ...answer,
          boxes: answer.boxes.map((box) => box.map((coordinate, k) => (k === 2 ? coordinate + offset : coordinate))),
        }));
      expect(kinds(offBy(0.09))).toEqual([]);
      expect(kinds(offBy(0.11))).toEqual(['box']);
    });

    it('allows detections with tied scores to change places', () => {
      const answer = tiedAnswer([0.9, 0.7, 0.7 * (1 + 5e-6), 0.5, 0.3]);
      const goldenTied: GoldenDocument = { ...golden, inference: [answer] };
      const reordered = { ...golden, inference: [reorder(answer, 1, 2)] };
      expect(compareWithGolden(reordered, goldenTied)).toEqual([]);
    });

    it('does not allow it to detections whose scores are only near', () => {
      const answer = tiedAnswer([0.9, 0.7, 0.7 * (1 - 5e-5), 0.5, 0.3]);
      const goldenNear: GoldenDocument = { ...golden, inference: [answer] };
      const reordered = { ...golden, inference: [reorder(answer, 1, 2)] };
      expect(compareWithGolden(reordered, goldenNear).map(({ kind }) => kind)).toContain('label');
    });

    it('does not let one detection answer for two that tie', () => {
      const answer = tiedAnswer([0.9, 0.7, 0.7, 0.5, 0.3]);
      const goldenTied: GoldenDocument = { ...golden, inference: [answer] };
      const doubled = {
        ...answer,
        labels: answer.labels.map((label, i) => (i === 2 ? (answer.labels[1] ?? label) : label)),
        boxes: answer.boxes.map((box, i) => (i === 2 ? (answer.boxes[1] ?? box) : box)),
      };
      const found = compareWithGolden({ ...golden, inference: [doubled] }, goldenTied);
      expect(found.map(({ subject }) => subject)).toContain('inference.0.2.label');
    });
  });
});

function tiedAnswer(scores: readonly number[]): DetectionAnswer {
  return {
    detections: scores.length,
    scores,
    labels: scores.map((_, i) => i + 1),
    boxes: scores.map((_, i) => [10 * i, 0, 10 * i + 8, 8]),
  };
}

function reorder(answer: DetectionAnswer, i: number, j: number): DetectionAnswer {
  return {
    detections: answer.detections,
    scores: swapped(answer.scores, i, j),
    labels: swapped(answer.labels, i, j),
    boxes: swapped(answer.boxes, i, j),
  };
}
