import type { Outcome } from '../../../bench/accuracy/outcome.js';
import { accuracyPage } from '../../../bench/accuracy/page.js';
import { type AccuracyResults, outcomesIn, resultsOf, resultsText } from '../../../bench/accuracy/results.js';
import { A_MACHINE } from '../../fixtures/measurements.js';
import { measuredPoint } from '../../fixtures/measured-points.js';

const POINTS = [
  measuredPoint('a', { batchSize: 2 }),
  measuredPoint(
    'b',
    { architecture: 'resnet18', applicationType: 'inference' },
    { measuredAt: '2026-12-01T01:00:00.000Z' },
  ),
];

const OUTCOMES: readonly Outcome[] = [
  {
    question: 'interpolation',
    quantity: 'training',
    architecture: 'ssdlite320_mobilenet_v3_large',
    applicationType: 'training',
    measurement: 'a',
    measured: 0.5,
    predicted: { low: 0.48, central: 0.5123456789, high: 0.53 },
  },
  {
    question: 'unmeasured',
    quantity: 'memory',
    architecture: 'resnet18',
    applicationType: 'inference',
    measurement: 'b',
    measured: 400_000_000,
    predicted: { low: 380_000_000, central: 392_000_000, high: 399_000_000 },
  },
];

const RESULTS = resultsOf({
  runtime: 'onnxruntime',
  machine: A_MACHINE,
  grid: { seed: 1, workloads: 24, limits: { maxSteps: 40, maxSeconds: 6 }, failed: 1, disturbed: 2 },
  points: POINTS,
  outcomes: OUTCOMES,
  unanswered: 3,
});

describe('the results of a run', () => {
  it('are enough to say again what was predicted of what', () => {
    const again = outcomesIn(JSON.parse(resultsText(RESULTS)) as AccuracyResults);
    expect(again).toEqual([
      { ...OUTCOMES[0], measurement: '0', predicted: { low: 0.48, central: 0.512346, high: 0.53 } },
      { ...OUTCOMES[1], measurement: '1' },
    ]);
  });

  it('tell nothing of the machine but what its figures depend on', () => {
    expect(resultsText(RESULTS)).not.toContain(A_MACHINE.id);
  });

  it('have a line for each workload and each prediction', () => {
    expect(
      resultsText(RESULTS)
        .split('\n')
        .filter((line) => /^[[{]"?/.test(line) && line.length > 1),
    ).toHaveLength(4);
  });
});

describe('the page', () => {
  const page = accuracyPage(RESULTS);

  it('of PyTorch says so, and with which version', () => {
    const ofTorch = accuracyPage({ ...RESULTS, runtime: { name: 'pytorch', version: '2.6.0' } });
    expect(ofTorch).toContain('# Accuracy with pytorch');
    expect(ofTorch).toContain('[accuracy-pytorch.json](accuracy-pytorch.json)');
    expect(ofTorch).toContain('Version 0.0.1, pytorch 2.6.0, Node.js 20.20.2.');
  });

  it('says when, where and of what', () => {
    expect(page).toContain('Measured from 2026-11-30 to 2026-12-01, on 4 cores of Imaginary 9000 with 14.9 GiB');
    expect(page).toContain('Version 0.0.1, onnxruntime 1.30.0, Node.js 20.20.2.');
    expect(page).toContain('2 workloads of 2 architectures, of a grid of 24 drawn with seed 1');
    expect(page).toContain('1 could not be measured, and 2 were left out');
    expect(page).toContain('3 could not be predicted');
  });

  it('has a table of all, and one for each question', () => {
    expect(page.match(/^\| Question/gm)).toHaveLength(1);
    expect(page.match(/^## By architecture: .*/gm)).toEqual([
      '## By architecture: inside the measured range',
      '## By architecture: an architecture never run here',
    ]);
    expect(page).toMatch(/^\| `resnet18` +\| peak memory +\| 1 +\| 2\.0 % +\| 2\.0 % +\| 0, 0\.0 % +\|$/m);
  });
});
