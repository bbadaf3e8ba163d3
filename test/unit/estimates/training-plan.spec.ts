import { totalInterval, totalSeconds, trainingLines, type TrainingPlan } from '../../../src/estimates/training-plan.js';

const PLAIN: TrainingPlan = {
  batchSize: 8,
  datasetSize: 1001,
  epochs: 10,
  loading: null,
  validation: null,
  checkpoints: null,
  warmupSeconds: null,
};
/** 126 batches an epoch. */
const STEP = { forward_pass: 0.1, backward_pass: 0.3 };
const TRAINING_SECONDS = (0.1 + 0.3) * 126 * 10;

function secondsOf(changes: Partial<TrainingPlan>, validationBatchSeconds?: number): Record<string, number> {
  const lines = trainingLines({ ...PLAIN, ...changes }, STEP, validationBatchSeconds);
  return Object.fromEntries(lines.map(({ name, seconds }) => [name, seconds]));
}

describe('the time of a whole training', () => {
  it('is that of its steps alone where nothing else is given', () => {
    const lines = trainingLines(PLAIN, STEP);
    expect(lines.map(({ name }) => name)).toEqual(['training']);
    expect(totalSeconds(lines)).toBe(TRAINING_SECONDS);
  });

  it('has loading in it only where that is slower than computing', () => {
    const loading = (secondsPerImage: number) => ({ loading: { secondsPerImage, overlaps: true } });
    expect(secondsOf(loading(0.01)).data_loading).toBe(0);
    expect(secondsOf(loading(0.1)).data_loading).toBeCloseTo(0.1 * 10_010 - TRAINING_SECONDS);
  });

  it('has all loading in it where that goes on before computing', () => {
    expect(secondsOf({ loading: { secondsPerImage: 0.01, overlaps: false } }).data_loading).toBeCloseTo(100.1);
  });

  it('has whole batches of inference for each validation pass', () => {
    expect(secondsOf({ validation: { images: 17, passes: 5 } }, 0.2)).toEqual({
      training: TRAINING_SECONDS,
      validation: expect.closeTo(0.2 * 3 * 5) as unknown,
    });
  });

  it('loads images of validation too', () => {
    const loading = { secondsPerImage: 1, overlaps: true };
    const seconds = secondsOf({ loading, validation: { images: 17, passes: 5 } }, 0.2);
    expect(seconds.validation_data_loading).toBeCloseTo(17 * 5 - 0.2 * 3 * 5);
  });

  it('has checkpoints and warm-up', () => {
    const changes = { checkpoints: { secondsEach: 2.5, count: 4 }, warmupSeconds: 7 };
    expect(secondsOf(changes)).toEqual({ training: TRAINING_SECONDS, checkpoints: 10, warmup: 7 });
    expect(totalSeconds(trainingLines({ ...PLAIN, ...changes }, STEP))).toBe(TRAINING_SECONDS + 17);
  });

  it('says how each part was computed', () => {
    const [line] = trainingLines(PLAIN, STEP);
    expect(line?.how).toBe('(0.1 s forward_pass + 0.3 s backward_pass) x 126 batches x 10 epochs');
  });

  it('is as uncertain as its batches, but not where it waits for images anyway', () => {
    const step = { low: 0.3, central: 0.4, high: 0.6 };
    expect(totalInterval(PLAIN, STEP, step, null)).toEqual({
      low: 0.3 * 1260,
      central: TRAINING_SECONDS,
      high: 0.6 * 1260,
    });
    const plan = {
      ...PLAIN,
      loading: { secondsPerImage: 0.06, overlaps: true },
      validation: { images: 8, passes: 1 },
    };
    const { low, central, high } = totalInterval(plan, STEP, step, { low: 1, central: 2, high: 3 });
    expect(low).toBeCloseTo(600.6 + 1);
    expect(central).toBeCloseTo(600.6 + 2);
    expect(high).toBeCloseTo(756 + 3);
  });
});
