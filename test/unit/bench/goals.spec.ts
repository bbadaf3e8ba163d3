import type { Figures, Spread } from '../../../bench/goals.js';
import { spread, verdicts } from '../../../bench/goals.js';

const even = (median: number): Spread => ({ median, lowest: median, highest: median });
const figures = (changes: Partial<Figures>): Figures => ({
  trainingRatio: even(0.5),
  inferenceRatio: even(0.5),
  memoryRatio: even(0.5),
  trainingShare: even(0.5),
  inferenceShare: even(0.5),
  ...changes,
});

describe('goals', () => {
  it('are met by medians up to them', () => {
    const at = figures({ trainingRatio: even(0.85), inferenceRatio: even(0.8), memoryRatio: even(1) });
    expect(verdicts('resnet50', at)).toEqual({ training: 'met', inference: 'met', memory: 'met' });
  });

  it('are missed by medians beyond them, whatever the best round was', () => {
    const beyond = (median: number): Spread => ({ median, lowest: 0.1, highest: median });
    const above = figures({ trainingRatio: beyond(0.86), inferenceRatio: beyond(0.81), memoryRatio: beyond(1.01) });
    expect(verdicts('resnet50', above)).toEqual({ training: 'missed', inference: 'missed', memory: 'missed' });
  });

  it('of time are met as well by 85 % of the machine’s rate, those of memory are not', () => {
    const slow = { trainingRatio: even(2), inferenceRatio: even(2), memoryRatio: even(2) };
    const near = figures({ ...slow, trainingShare: even(0.85), inferenceShare: even(0.85) });
    expect(verdicts('resnet50', near)).toEqual({ training: 'met', inference: 'met', memory: 'missed' });
    const short = figures({ ...slow, trainingShare: even(0.84), inferenceShare: even(0.84) });
    expect(verdicts('resnet50', short)).toEqual({ training: 'missed', inference: 'missed', memory: 'missed' });
  });

  it.each([
    ['ssdlite320_mobilenet_v3_large', 1.2, 'met'],
    ['fasterrcnn_mobilenet_v3_large_fpn', 1.2, 'met'],
    ['ssdlite320_mobilenet_v3_large', 1.21, 'missed'],
    ['fasterrcnn_resnet50_fpn', 1.2, 'missed'],
  ])('of training, of %s at %d of PyTorch: %s', (architecture, ratio, verdict) => {
    expect(verdicts(architecture, figures({ trainingRatio: even(ratio) })).training).toBe(verdict);
  });

  it('that need PyTorch are not judged without it', () => {
    const alone = figures({ trainingRatio: null, inferenceRatio: null, memoryRatio: null, trainingShare: even(0.9) });
    expect(verdicts('resnet50', alone)).toEqual({ training: 'met', inference: 'unknown', memory: 'unknown' });
  });
});

describe('a spread', () => {
  it.each([
    [[3, 1, 2], { median: 2, lowest: 1, highest: 3 }],
    [[4, 1, 2, 3], { median: 2.5, lowest: 1, highest: 4 }],
    [[7], { median: 7, lowest: 7, highest: 7 }],
  ])('of %j', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });

  it('of nothing is refused', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});
