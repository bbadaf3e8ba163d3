import { caseOf, waysOfComputing } from './network-convolutions.js';
import { gradientErrors } from './numerical-check.js';

const SEED = 1;
const TOLERANCE = 1e-5;

const cases = waysOfComputing().map(({ tried, convolutions }) => {
  const gradientCase = caseOf(tried);
  return [gradientCase.name, convolutions, gradientCase] as const;
});

/** Ways of computing are chosen by shape: each that the networks' convolutions are computed in is tried once. */
describe(`gradients of the networks’ convolutions (seed ${SEED})`, () => {
  test.each(cases)('%s (stands for %d)', async (_name, _convolutions, gradientCase) => {
    const errors = await gradientErrors(gradientCase, SEED, 1, 'blocked');
    expect(errors).toHaveLength(gradientCase.operands.length);
    expect(errors.filter((error) => !(error < TOLERANCE))).toEqual([]);
  });
});
