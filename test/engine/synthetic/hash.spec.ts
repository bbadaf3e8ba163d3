import { mappedUniform, nameSeed, signedSum, uniform } from '../../../src/engine/synthetic/hash.js';

// Expected values: computed by the PyTorch reference with numpy.
const KNOWN = [
  {
    name: 'image.0',
    seed: 0,
    nameSeed: 4087205988,
    first: [0.25989317893981934, 0.04536092281341553, 0.36260199546813965, 0.868131697177887],
    thousandth: 0.5662718415260315,
    sumOfThousand: 492.531342625618,
  },
  {
    name: 'backbone.features.0.0.0.weight',
    seed: 7,
    nameSeed: 2144035864,
    first: [0.22938162088394165, 0.6344054937362671, 0.6765320897102356, 0.08489257097244263],
    thousandth: 0.5930641889572144,
    sumOfThousand: 506.9963404536247,
  },
  {
    name: 'größe',
    seed: 123456789,
    nameSeed: 3395500431,
    first: [0.37263011932373047, 0.22032016515731812, 0.20542222261428833, 0.24192172288894653],
    thousandth: 0.14591604471206665,
    sumOfThousand: 500.851508975029,
  },
  {
    name: 'target.1.2',
    seed: 4294967295,
    nameSeed: 3772873370,
    first: [0.012378811836242676, 0.858985185623169, 0.967302143573761, 0.22445666790008545],
    thousandth: 0.995736837387085,
    sumOfThousand: 494.00175273418427,
  },
];

describe.each(KNOWN)('the hash of $name with seed $seed', (known) => {
  it('has the seed of the reference', () => {
    expect(nameSeed(known.name, known.seed)).toBe(known.nameSeed);
  });

  it('has the fractions of the reference, exactly', () => {
    const fractions = uniform(known.name, known.seed, 1000);
    expect([...fractions.slice(0, 4)]).toEqual(known.first);
    expect(fractions[999]).toBe(known.thousandth);
    expect(fractions.reduce((sum, u) => sum + u, 0)).toBeCloseTo(known.sumOfThousand, 9);
  });
});

describe('mappedUniform', () => {
  it('maps in double precision and rounds once', () => {
    const fraction = KNOWN[0]?.first[3] ?? NaN;
    const [, , , value] = mappedUniform('image.0', 0, 4, (u) => u / 3);
    expect(value).toBe(Math.fround(fraction / 3));
  });
});

describe('signedSum', () => {
  const roots = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sqrt(i + 1));

  it.each([
    { name: 'projection.head.weight', count: 7, seed: 0, expected: -6.578593730926514 },
    { name: 'projection.head.weight', count: 1000, seed: 5, expected: -321.70876359939575 },
  ])('is the projection of the reference for $count elements', ({ name, count, seed, expected }) => {
    expect(signedSum(name, seed, roots(count))).toBeCloseTo(expected, 9);
  });

  it('changes when two elements change places', () => {
    const values = roots(7);
    const [first = 0, second = 0] = values;
    values.set([second, first]);
    expect(signedSum('projection.head.weight', 0, values)).not.toBeCloseTo(-6.578593730926514, 3);
  });
});
