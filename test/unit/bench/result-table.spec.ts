import type { Row } from '../../../bench/result-table.js';
import { excessLines, goalsInWords, table } from '../../../bench/result-table.js';

const ROW: Row = {
  architecture: 'resnet50',
  variant: 'none',
  batch: 8,
  imageSize: [224, 192],
  figures: {
    trainingRatio: { median: 0.754, lowest: 0.7, highest: 0.9 },
    inferenceRatio: { median: 0.9, lowest: 0.8, highest: 1 },
    memoryRatio: { median: 0.5, lowest: 0.5, highest: 0.5 },
    trainingShare: { median: 0.66, lowest: 0.6, highest: 0.7 },
    inferenceShare: { median: 0.7, lowest: 0.6, highest: 0.8 },
  },
  verdicts: { training: 'met', inference: 'missed', memory: 'met' },
  peakMebibytes: 1000.4,
  referencePeakMebibytes: 2000,
};

const WITHOUT_TORCH: Row = {
  ...ROW,
  architecture: 'resnet101',
  figures: { ...ROW.figures, trainingRatio: null, inferenceRatio: null, memoryRatio: null },
  verdicts: { training: 'unknown', inference: 'met', memory: 'unknown' },
  referencePeakMebibytes: null,
};

describe('the table', () => {
  it('has a line for each architecture, with medians and ranges', () => {
    expect(
      table([ROW, WITHOUT_TORCH], false)
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['architecture', 'batch', 'training / PyTorch', 'inference / PyTorch', 'peak MiB / PyTorch'].concat([
        'of MatMul: training',
        'inference',
        'goals',
      ]),
      ['resnet50 (none)', '8 x 224x192', '0.75 (0.70 to 0.90)', '0.90 (0.80 to 1.00)', '1000 / 2000 = 0.50'].concat([
        '66 %',
        '70 %',
        'missed: inference',
      ]),
      ['resnet101 (none)', '8 x 224x192', '-', '-', '1000', '66 %', '70 %', 'unknown: training, memory'],
    ]);
  });

  it('says where all goals are met', () => {
    const met = { ...ROW, verdicts: { training: 'met', inference: 'met', memory: 'met' } as const };
    expect(table([met], false)).toMatch(/ met$/);
  });

  it('is Markdown on demand: a rule below the headings, all lines of one width', () => {
    const lines = table([ROW, WITHOUT_TORCH], true).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^\| (-+ \| ){7}-+ \|$/);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  });
});

it('goals are told in words', () => {
  expect(goalsInWords('resnet50')).toContain('training at most 0.85 of PyTorch or 85 % of');
  expect(goalsInWords('ssdlite320_mobilenet_v3_large')).toContain('training at most 1.2 of PyTorch');
});

it('operators are listed up to a limit, with share, place and time', () => {
  const relu = { phase: 'backward', operator: 'Relu', modules: 'layer1', nodes: 1, seconds: 0.002 } as const;
  const lines = excessLines(
    [
      { ...relu, excessSeconds: 0.001, excessShare: 0.5 },
      { ...relu, modules: '', nodes: 2, excessSeconds: 0.0005, excessShare: 0.25 },
      { ...relu, excessSeconds: 0, excessShare: 0 },
    ],
    2,
  );
  expect(lines).toEqual([
    '   50.0 %  backward Relu in layer1: 1.0 of 2.0 ms, 1 node',
    '   25.0 %  backward Relu: 0.5 of 2.0 ms, 2 nodes',
  ]);
});
