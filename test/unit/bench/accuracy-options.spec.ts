import { readAccuracyOptions } from '../../../bench/accuracy/options.js';
import { PLANS } from '../../../bench/accuracy/plans.js';

describe('readAccuracyOptions', () => {
  it('takes the whole grid for an hour when nothing is said', () => {
    expect(readAccuracyOptions([])).toMatchObject({
      plans: PLANS,
      workloads: 12,
      limits: { maxSteps: 40, maxSeconds: 6 },
      seconds: 3600,
      file: null,
      resume: false,
    });
  });

  it('takes a few architectures for a few minutes when it is to be quick', () => {
    const { plans, seconds, quick } = readAccuracyOptions(['--quick']);
    expect(quick).toBe(true);
    expect(plans.length).toBeLessThan(5);
    expect(seconds).toBeLessThan(300);
  });

  it('takes the architectures that are named', () => {
    expect(
      readAccuracyOptions(['vgg16', 'resnet18'])
        .plans.map(({ architecture }) => architecture)
        .sort(),
    ).toEqual(['resnet18', 'vgg16']);
  });

  it.each(['--one', '--fit', '--largest'])('of %s goes on with the file', (option) => {
    expect(readAccuracyOptions([option, '--json', 'a.json'])).toMatchObject({ file: 'a.json', resume: true });
    expect(() => readAccuracyOptions([option])).toThrow(/go with --json FILE/);
  });

  it('takes the built-in runtime, or PyTorch where that is named', () => {
    expect(readAccuracyOptions([]).runtime).toBe('onnxruntime');
    expect(readAccuracyOptions(['--runtime', 'pytorch']).runtime).toBe('pytorch');
    expect(() => readAccuracyOptions(['--runtime', 'tensorflow'])).toThrow(/there are onnxruntime and pytorch/);
    expect(() => readAccuracyOptions(['--quick', '--runtime', 'pytorch'])).toThrow(/of onnxruntime alone/);
  });

  it('measures nothing within no time', () => {
    expect(readAccuracyOptions(['--seconds', '0']).seconds).toBe(0);
  });

  it.each([
    [['--workloads', '0'], /--workloads needs a whole number from 1/],
    [['--seconds', 'all'], /--seconds needs a whole number/],
    [['alexnet'], /the grid has no "alexnet"; it has resnet50/],
  ])('refuses %j', (args, reason) => {
    expect(() => readAccuracyOptions(args)).toThrow(reason);
  });
});
