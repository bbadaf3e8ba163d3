import {
  figuresOf,
  printComparison,
  printDisturbed,
  printSpread,
  type RunFigures,
} from '../../../bench/repeat-report.js';
import type { CpuUse } from '../../../src/profiles/measurement.js';
import { A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';

const USUAL = aMeasurement(A_TRAINING);

const runWith = (changes: Partial<CpuUse>): RunFigures =>
  figuresOf({ ...USUAL, cpu: { ...USUAL.cpu, ...changes } }, null);

/** A run of which all figures are so many times as large as usual. */
const scaled = (factor: number): RunFigures => {
  const { times, memory } = USUAL;
  const stepSeconds = { ...times.stepSeconds, median: factor * times.stepSeconds.median };
  return figuresOf(
    {
      ...USUAL,
      times: { ...times, stepSeconds, forwardSeconds: factor * times.forwardSeconds },
      memory: { ...memory, peakRssBytes: factor * memory.peakRssBytes },
    },
    null,
  );
};

describe('the report of repeated measurements', () => {
  let log: jest.SpyInstance;

  beforeEach(() => {
    log = jest.spyOn(console, 'log').mockImplementation();
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('has the figures of a step and of an inference, and all warnings once', () => {
    const inference = aMeasurement({ ...A_TRAINING, applicationType: 'inference', objectsPerImage: null });
    const disturbed = { ...inference, cpu: { ...inference.cpu, otherLoadPercent: 40 } };
    expect(figuresOf(USUAL, disturbed)).toEqual({
      seconds: {
        'training step': USUAL.times.stepSeconds.median,
        forward: USUAL.times.forwardSeconds,
        backward: (USUAL.times.backwardSeconds ?? 0) + (USUAL.times.optimizerSeconds ?? 0),
        inference: inference.times.stepSeconds.median,
      },
      bytes: { 'peak of training': USUAL.memory.peakRssBytes, 'peak of inference': inference.memory.peakRssBytes },
      otherLoadPercent: 40,
      warnings: ['other-load'],
    });
  });

  it.each([
    ['met', [1, 1.004, 0.996], true],
    ['missed by memory, which has to vary less', [1, 1.015, 0.985], false],
    ['missed by all', [1, 1.1, 0.9], false],
  ])('says whether the aims are met: %s', (_what, factors, met) => {
    expect(printSpread(factors.map(scaled))).toBe(met);
    expect(JSON.stringify(log.mock.calls.at(-1))).toContain(met ? 'met' : 'MISSED');
  });

  it('says whether what was measured after something else is the same', () => {
    const alone = [0.99, 1, 1.01].map(scaled);
    expect(printComparison(alone, [1.005, 0.995].map(scaled))).toBe(true);
    expect(printComparison(alone, [1.05, 1.06].map(scaled))).toBe(false);
  });

  it.each([
    ['reported where it was', {}, { otherLoadPercent: 30 }, true],
    ['not reported', {}, {}, false],
    ['reported where there was none', { otherLoadPercent: 11 }, { otherLoadPercent: 30 }, false],
    ['something else reported', { stolenPercent: 5 }, { otherLoadPercent: 30 }, false],
    ['taken for something else', {}, { stolenPercent: 5 }, false],
  ])('says whether other load was found: %s', (_what, quiet, loaded, met) => {
    expect(printDisturbed([runWith(quiet)], [runWith(loaded)])).toBe(met);
  });
});
