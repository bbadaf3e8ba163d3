import { reachedShare } from '../../../src/prediction/reached-share.js';

/** A 3x3 convolution of two images with as many positions as `side` squared. */
function share(side: number, dilation: number, operator = 'Conv'): number {
  const [outputs, inputs] = [8, 4];
  const form = [outputs, inputs, 3, 3, dilation, dilation, 1, dilation, dilation, dilation, dilation, 1, 1];
  const multiplyAccumulates = 2 * side * side * outputs * inputs * 9;
  return reachedShare(
    {
      phase: 'forward',
      operator,
      producer: '',
      form,
      multiplyAccumulates,
      bytes: 0,
      weightBytes: 0,
      decidedByRun: false,
      count: 1,
    },
    2,
  );
}

describe('the share of products that meet the image', () => {
  it('is that of the middle tap alone where the others lie outside', () => {
    expect(share(12, 36)).toBeCloseTo(1 / 9, 9);
  });

  it('counts for each tap the positions where it lies inside', () => {
    expect(share(12, 6)).toBeCloseTo(((12 + 2 * 6) / 36) ** 2, 9);
    expect(share(10, 1)).toBeCloseTo(((10 + 2 * 9) / 30) ** 2, 9);
  });

  it('is all of other operators', () => {
    expect(share(12, 36, 'MaxPool')).toBe(1);
  });
});
