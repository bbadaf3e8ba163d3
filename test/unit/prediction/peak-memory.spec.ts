import { buildTrainingGraph } from '../../../src/engine/training/training-graph.js';
import { trainingMemoryBasis } from '../../../src/engine/training/memory-basis.js';
import { architectureNamed } from '../../../src/engine/zoo/catalogue.js';
import { PeakMemory, type MeasuredPeak } from '../../../src/prediction/peak-memory.js';

type Asked = Omit<MeasuredPeak, 'peakRssBytes'>;

const MEBIBYTE = 2 ** 20;

function asked(architecture: string, batchSize: number, side: number): Asked {
  const builder = architectureNamed(architecture);
  const shape = { batchSize, imageSize: [side, side] as const, objectsPerImage: 1 };
  const options = { ...builder.description.defaults, numClasses: 10 };
  const training = buildTrainingGraph(builder, options, shape, { positivesPerImage: null }, 'on');
  return { architecture, network: `${architecture} 10`, basis: trainingMemoryBasis(training) };
}

function parts({ architecture, network, basis }: Asked): Parameters<PeakMemory['bytesOf']> {
  return [architecture, network, basis];
}

/** A machine on which everything takes a tenth more than planned, and the process 50 MiB. */
function measured(of: Asked): MeasuredPeak {
  return { ...of, peakRssBytes: 1.1 * new PeakMemory([]).bytesOf(...parts(of)) + 50 * MEBIBYTE };
}

const RESNETS = [asked('resnet18', 2, 64), asked('resnet18', 8, 128), asked('resnet18', 4, 224)];

describe('peak memory', () => {
  test('of a network on a new machine is what is planned', () => {
    const bytes = new PeakMemory([]).bytesOf(...parts(asked('resnet18', 2, 64)));
    // Measured: 251 MiB with 1000 classes, of which 990 take 4 MiB.
    expect(bytes / MEBIBYTE).toBeGreaterThan(225);
    expect(bytes / MEBIBYTE).toBeLessThan(255);
  });

  test('of what was measured is what was measured', () => {
    const peaks = RESNETS.map(measured);
    const model = new PeakMemory(peaks);
    for (const peak of peaks) expect(model.bytesOf(...parts(peak)) / peak.peakRssBytes).toBeCloseTo(1, 2);
  });

  test('between and beyond measurements follows them', () => {
    const model = new PeakMemory(RESNETS.map(measured));
    for (const other of [asked('resnet18', 3, 128), asked('resnet18', 16, 128)]) {
      expect(model.bytesOf(...parts(other)) / measured(other).peakRssBytes).toBeCloseTo(1, 1);
    }
  });

  test('of another network learns from the machine what a process takes', () => {
    const other = asked('mobilenet_v3_small', 4, 96);
    const miss = (model: PeakMemory): number =>
      Math.abs(1 - model.bytesOf(...parts(other)) / measured(other).peakRssBytes);
    expect(miss(new PeakMemory(RESNETS.map(measured)))).toBeLessThan(0.5 * miss(new PeakMemory([])));
  });

  test('never falls with the batch or the size, whatever was measured', () => {
    const small = { ...asked('resnet18', 2, 64), peakRssBytes: 900 * MEBIBYTE };
    const large = { ...asked('resnet18', 8, 128), peakRssBytes: 300 * MEBIBYTE };
    const model = new PeakMemory([small, large]);
    const bytes = [1, 2, 3, 8].flatMap((batch) => [64, 96, 224].map((side) => [batch, side] as const));
    for (const [batch, side] of bytes) {
      const here = model.bytesOf(...parts(asked('resnet18', batch, side)));
      expect(model.bytesOf(...parts(asked('resnet18', batch + 1, side)))).toBeGreaterThanOrEqual(here);
      expect(model.bytesOf(...parts(asked('resnet18', batch, side + 32)))).toBeGreaterThanOrEqual(here);
    }
  });

  test('leaves out what it is told to', () => {
    const peaks = RESNETS.map(measured);
    const [left] = peaks;
    if (!left) throw new Error('there are no peaks');
    const model = new PeakMemory(peaks).without(new Set(peaks));
    expect(model.bytesOf(...parts(left))).toBe(new PeakMemory([]).bytesOf(...parts(left)));
  });
});
