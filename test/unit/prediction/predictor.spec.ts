import { seededRandom } from '../../../bench/seeded-random.js';
import { Predictor } from '../../../src/prediction/predictor.js';
import type { Prediction } from '../../../src/prediction/prediction.js';
import type { Observation } from '../../../src/prediction/observation.js';
import { RUNTIMES, type Workload } from '../../../src/profiles/workload.js';
import { observed, PLAIN_MACHINE, workloadOf } from '../../fixtures/observed.js';

function training(architecture: string, batchSize: number, side: number, more: Partial<Workload> = {}): Workload {
  return workloadOf({ architecture, applicationType: 'training', batchSize, imageSize: [side, side], ...more });
}

function inference(architecture: string, batchSize: number, side: number, more: Partial<Workload> = {}): Workload {
  return workloadOf({ architecture, applicationType: 'inference', batchSize, imageSize: [side, side], ...more });
}

const truth = (workload: Workload): number => observed(workload, PLAIN_MACHINE).stepSeconds;

function predicted(predictor: Predictor, workload: Workload): Prediction {
  const prediction = predictor.predict(workload);
  if (!prediction) throw new Error('nothing was predicted');
  return prediction;
}

const RESNET18 = [
  training('resnet18', 2, 64),
  training('resnet18', 8, 64),
  training('resnet18', 2, 128),
  training('resnet18', 8, 128),
  training('resnet18', 4, 96),
];

describe('a predictor', () => {
  const predictor = new Predictor(RESNET18.map((workload) => observed(workload, PLAIN_MACHINE)));

  it('finds what the operators of a workload in between take', () => {
    const asked = training('resnet18', 6, 112);
    const prediction = predicted(predictor, asked);
    expect(prediction.kind).toBe('interpolated');
    expect(prediction.support).toBe('inside');
    expect(prediction.stepSeconds.central / truth(asked)).toBeCloseTo(1, 2);
  });

  it('finds what twice as large a batch takes, and says that it lies beyond what was measured', () => {
    const asked = training('resnet18', 16, 128);
    const prediction = predicted(predictor, asked);
    expect(prediction.kind).toBe('predicted');
    expect(prediction.support).toBe('beyond');
    expect(prediction.stepSeconds.central / truth(asked)).toBeCloseTo(1, 2);
  });

  it('finds what an architecture takes that was never measured, from the operators of another one', () => {
    const asked = training('resnet34', 4, 96);
    const prediction = predicted(predictor, asked);
    expect(prediction.support).toBe('unmeasured');
    expect(prediction.stepSeconds.central / truth(asked)).toBeCloseTo(1, 1);
    expect(prediction.proposal).toEqual({ ...asked, batchSize: 2 });
  });

  it('divides the central value', () => {
    const asked = training('resnet18', 6, 112);
    const { stepSeconds, forwardSeconds, backwardSeconds, optimizerSeconds } = predicted(predictor, asked);
    expect(forwardSeconds + (backwardSeconds ?? NaN) + (optimizerSeconds ?? NaN)).toBeCloseTo(stepSeconds.central, 9);
    const { forwardSeconds: forward, backwardSeconds: backward } = observed(asked, PLAIN_MACHINE);
    expect(forwardSeconds / forward).toBeCloseTo(1, 1);
    expect(Number(backwardSeconds) / Number(backward)).toBeCloseTo(1, 1);
  });

  it('has its central value in its interval', () => {
    const { stepSeconds, peakRssBytes } = predicted(predictor, training('resnet18', 3, 80));
    for (const { low, central, high } of [stepSeconds, peakRssBytes]) {
      expect(low).toBeLessThanOrEqual(central);
      expect(high).toBeGreaterThanOrEqual(central);
    }
  });

  it('says that no interval could be tried out with few measurements, and none of a peak is below the baseline', () => {
    // Above a third of its peak, which the lower end would otherwise be.
    const baseline = 150_000_000;
    const known = { ...observed(training('resnet18', 2, 64), PLAIN_MACHINE), baselineRssBytes: baseline };
    const one = new Predictor([known]);
    const { timeTrials, memoryTrials, peakRssBytes } = predicted(one, training('resnet34', 2, 64));
    expect([timeTrials, memoryTrials]).toEqual([0, 0]);
    expect(peakRssBytes.low).toBe(baseline);
    expect(peakRssBytes.central).toBeGreaterThan(baseline);
  });

  it('needs what is highest of loading and steps, less the pages of files', () => {
    const workloads = [2, 4, 6, 8].flatMap((batch) => [64, 96, 128].map((side) => training('resnet18', batch, side)));
    const known = workloads.map((workload) => observed(workload, PLAIN_MACHINE));
    const asked = training('resnet18', 5, 80);
    const files = 5e7;
    const ofSteps = predicted(new Predictor(known), asked);
    expect(ofSteps.neededBytes.central).toBeCloseTo(ofSteps.peakRssBytes.central - files, 0);
    const heavy = known.map((one) => ({ ...one, loadingPeakRssBytes: 3e9 }));
    const { neededBytes, peakRssBytes, memoryTrials } = predicted(new Predictor(heavy), asked);
    expect(peakRssBytes).toEqual(ofSteps.peakRssBytes);
    expect(neededBytes.central / (3e9 - files)).toBeCloseTo(1, 1);
    expect(memoryTrials).toBeGreaterThanOrEqual(9);
    const unread = known.map((one) => ({ ...one, loadingPeakRssBytes: null, fileRssBytes: null }));
    expect(predicted(new Predictor(unread), asked).neededBytes).toEqual(ofSteps.peakRssBytes);
  });

  it('needs no more than what was measured of a larger workload', () => {
    const workloads = [4, 6, 8].flatMap((batch) => [96, 112, 128].map((side) => training('resnet18', batch, side)));
    const known = workloads.map((workload, index) => ({
      ...observed(workload, PLAIN_MACHINE),
      // One that is unlike the others makes intervals wide.
      peakRssBytes: index === 0 ? 6e8 : 4e8,
      loadingPeakRssBytes: 1e8,
      fileRssBytes: 0,
    }));
    const { neededBytes, peakRssBytes } = predicted(new Predictor(known), training('resnet18', 2, 64));
    expect(peakRssBytes.high).toBeGreaterThan(4.1e8);
    expect(neededBytes.high).toBeLessThanOrEqual(Math.max(4e8, neededBytes.central));
  });

  it('tries its intervals out on what was measured', () => {
    const many = [2, 4, 6, 8].flatMap((batch) => [64, 96, 128].map((side) => training('resnet18', batch, side)));
    const { timeTrials, memoryTrials } = predicted(
      new Predictor(many.map((workload) => observed(workload, PLAIN_MACHINE))),
      training('resnet18', 5, 80),
    );
    expect(timeTrials).toBeGreaterThanOrEqual(9);
    expect(memoryTrials).toBeGreaterThanOrEqual(9);
  });

  it('says the same whenever it is asked, and whichever predictor of the same measurements', () => {
    const again = new Predictor(RESNET18.map((workload) => observed(workload, PLAIN_MACHINE)));
    const asked = training('resnet34', 3, 80);
    const first = predicted(predictor, asked);
    predicted(predictor, training('resnet18', 7, 80));
    expect(predictor.predict(asked)).toEqual(first);
    expect(again.predict(asked)).toEqual(first);
  });

  it('knows nothing of another number of threads, nor of inference where only trainings were measured', () => {
    expect(predictor.predict(training('resnet18', 4, 96, { threads: 1 }))).toBeNull();
    expect(predictor.predict(inference('resnet18', 4, 96))).toBeNull();
    expect(new Predictor([]).predict(training('resnet18', 4, 96))).toBeNull();
  });

  it('is hardly misled by one disturbed measurement among others', () => {
    const disturbed = new Predictor(
      RESNET18.map((workload, index) => observed(workload, PLAIN_MACHINE, index === 4 ? 2 : 1)),
    );
    const asked = training('resnet18', 6, 112);
    expect(predicted(disturbed, asked).stepSeconds.central / truth(asked)).toBeCloseTo(1, 1);
  });

  it('goes by steps that were measured without a trace', () => {
    const slower = RESNET18.map((workload) => {
      const observation = observed(workload, PLAIN_MACHINE);
      return { ...observation, workload: training('resnet34', workload.batchSize, workload.imageSize[0]), costs: null };
    }).map((observation) => ({ ...observation, stepSeconds: 1.1 * truth(observation.workload) }));
    const both = new Predictor([...RESNET18.map((workload) => observed(workload, PLAIN_MACHINE)), ...slower]);
    const asked = training('resnet34', 6, 112);
    expect(predicted(both, asked).stepSeconds.central / truth(asked)).toBeCloseTo(1.1, 1.5);
  });
});

/** Of everything that may grow, some is larger. */
function larger(random: () => number, workload: Workload): Workload {
  const grown = <Count extends number | null>(count: Count): Count | number =>
    count === null || random() < 0.5 ? count : count + Math.ceil(random() * count);
  const [height, width] = workload.imageSize;
  return {
    ...workload,
    batchSize: grown(workload.batchSize),
    imageSize: [grown(height), grown(width)],
    objectsPerImage: grown(workload.objectsPerImage),
    positivesPerImage: grown(workload.positivesPerImage),
    candidatesPerImage: grown(workload.candidatesPerImage),
    detectionsPerImage: grown(workload.detectionsPerImage),
  };
}

describe.each(RUNTIMES)('more work is never predicted to take less with %s', (runtime) => {
  const noise = seededRandom(5);
  const noisy = (workload: Workload): Observation => {
    const observation = observed(workload, (cost, counts) => PLAIN_MACHINE(cost, counts) * (0.7 + 0.6 * noise()));
    return runtime === 'pytorch' ? { ...observation, costs: null } : observation;
  };
  const DETECTOR = 'fasterrcnn_mobilenet_v3_large_320_fpn';
  const trainings = [
    training('resnet18', 2, 96),
    training('lraspp_mobilenet_v3_large', 2, 96),
    training('lraspp_mobilenet_v3_large', 3, 128),
    training('ssdlite320_mobilenet_v3_large', 2, 320),
    training(DETECTOR, 1, 160, { positivesPerImage: 16 }),
  ];
  const inferences = [
    inference('lraspp_mobilenet_v3_large', 1, 96),
    inference('lraspp_mobilenet_v3_large', 3, 128),
    inference('ssdlite320_mobilenet_v3_large', 2, 320, { candidatesPerImage: 200, detectionsPerImage: 20 }),
    inference(DETECTOR, 1, 160, { candidatesPerImage: 100, detectionsPerImage: 10 }),
  ];
  const workloads = [...trainings, ...inferences].map((workload): Workload => ({ ...workload, runtime }));
  const predictor = new Predictor(workloads.map(noisy));

  it.each(workloads.map((workload) => [workload.applicationType, workload.architecture, workload]))(
    '%s of %s',
    (_type, _architecture, workload) => {
      const random = seededRandom(workload.batchSize);
      for (let pair = 0; pair < 6; pair += 1) {
        const less = larger(random, workload);
        const more = larger(random, less);
        const [before, after] = [predicted(predictor, less), predicted(predictor, more)];
        const excess = {
          seconds: after.stepSeconds.central / before.stepSeconds.central,
          bytes: after.peakRssBytes.central / before.peakRssBytes.central,
        };
        const isMonotone = Math.min(excess.seconds, excess.bytes) >= 1 - 1e-9;
        expect({ less, more, excess, isMonotone }).toEqual({ less, more, excess, isMonotone: true });
      }
    },
  );
});
