import { createHash } from 'node:crypto';

import { fillTensor, TensorShapeError } from '../../../src/engine/synthetic/fill.js';

// Expected values: the PyTorch reference's tensors; digests are SHA-256 of the little-endian float32 bytes.
const KNOWN = [
  {
    name: 'backbone.features.0.0.0.weight',
    shape: [16, 3, 3, 3],
    seed: 0,
    first: [-0.2880307137966156, 0.15749354660511017, 0.32215356826782227, -0.3016437292098999],
    digest: '3bc9d8e3d09a18a8af397562c433c42ca56eb95b00961e479c27d697ee41b7c6',
  },
  {
    name: 'box_head.fc6.weight',
    shape: [32, 48],
    seed: 11,
    first: [0.1945793330669403, -0.20606452226638794, -0.09206622838973999, -0.09282919764518738],
    digest: 'a7613587f839dff8df8dffb18c0b7aa7894f0d398e1a1378ee6ab3483aae5f60',
  },
  {
    name: 'backbone.features.0.0.1.weight',
    shape: [16],
    seed: 3,
    first: [1.0242316722869873, 0.9155052304267883, 1.1944783926010132, 0.934887170791626],
    digest: '83b67851a690efe81dd1899d62e474d43dd981290934e88325cacf6cb80628e0',
  },
  {
    name: 'backbone.features.0.0.1.bias',
    shape: [16],
    seed: 3,
    first: [0.05463434383273125, -0.010772919282317162, 0.05597686767578125, -0.03334582969546318],
    digest: '5d0a18e48ed42d28ec871215eebbe8dafca5fe6a295c747714860aae620b3654',
  },
  {
    name: 'backbone.features.0.0.1.running_mean',
    shape: [16],
    seed: 0,
    first: [-0.040293969213962555, 0.06477310508489609, 0.0673297867178917, 0.015454983338713646],
    digest: '522ae65477dbf5565593ff3a2c83b7267eda394e467827c14d5c0d6c6afc5aa8',
  },
  {
    name: 'backbone.features.0.0.1.running_var',
    shape: [16],
    seed: 0,
    first: [1.0121488571166992, 1.0248584747314453, 0.9142141342163086, 1.2496681213378906],
    digest: '5fd2d2a61620327955227591e7741123995edf166cb823458dc925a9aa3db2ad',
  },
  {
    name: 'backbone.scale_weight',
    shape: [512],
    seed: 0,
    first: [0.9556605219841003, 0.931489109992981, 0.784363865852356, 0.816859245300293],
    digest: 'c73acd19e904095a4ab33ffd902814094cd2a53df7dab803394c481d2cb10f60',
  },
];

describe('fillTensor', () => {
  it.each(KNOWN)('gives $name $shape as the reference does, to the bit', ({ name, shape, seed, first, digest }) => {
    const values = fillTensor(name, shape, seed);
    expect([...values.slice(0, 4)]).toEqual(first);
    expect(createHash('sha256').update(values).digest('hex')).toBe(digest);
  });

  it.each([[[16, 0]], [[-1]], [[2.5, 4]]])('refuses the shape %j', (shape) => {
    expect(() => fillTensor('head.weight', shape, 0)).toThrow(TensorShapeError);
  });
});
