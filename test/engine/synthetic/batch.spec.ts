import { createHash } from 'node:crypto';

import { syntheticImages, syntheticTargets } from '../../../src/engine/synthetic/batch.js';

// Expected values: the PyTorch reference's batches; digests are SHA-256 of the little-endian float32 bytes.
const SMALL = { batch: 2, imageSize: [6, 10], seed: 0 } as const;
const USUAL = { batch: 2, imageSize: [200, 280], seed: 3 } as const;

const digest = (values: Float32Array): string => createHash('sha256').update(values).digest('hex');

describe('syntheticImages', () => {
  it('begins and ends as the reference does', () => {
    const images = syntheticImages(SMALL);
    expect(images).toHaveLength(2 * 3 * 6 * 10);
    expect([...images.slice(0, 4)]).toEqual([
      0.25989317893981934, 0.04536092281341553, 0.36260199546813965, 0.868131697177887,
    ]);
    expect(images.at(-1)).toBe(0.22332054376602173);
  });

  it.each([
    { options: SMALL, expected: '1e9dc70a6d93c857782281f1393ba065f95cb16ff5cd13b2d76d098b801e785d' },
    { options: USUAL, expected: '71f4f3ea1d2cdf5dbab3a342bc414b5e29e29690dc671aa962b11779f022d6a6' },
  ])('is the batch of the reference to the bit, images of $options.imageSize', ({ options, expected }) => {
    expect(digest(syntheticImages(options))).toBe(expected);
  });
});

describe('syntheticTargets', () => {
  it('places boxes and labels as the reference does', () => {
    const { boxes, labels } = syntheticTargets(SMALL, 3);
    expect([...boxes.slice(0, 8)]).toEqual([
      1.9326785802841187, 0.33082473278045654, 5.645258903503418, 2.7747864723205566, 5.6035237312316895,
      3.059680938720703, 8.941765785217285, 5.117307186126709,
    ]);
    expect([...labels]).toEqual([22, 60, 84, 78, 31, 2]);
  });

  it.each([
    {
      options: SMALL,
      objects: 3,
      expectedBoxes: '31d2276b3122d05aba39706bca9c9ff170fb7279f6563d91c782154c97d9224f',
      expectedLabels: [22, 60, 84, 78, 31, 2],
    },
    {
      options: USUAL,
      objects: 5,
      expectedBoxes: 'b8222aa09d1defc2f692ac1151d971f316dd95afacd39c71df694173892abaa2',
      expectedLabels: [45, 67, 3, 40, 15, 43, 46, 57, 59, 19],
    },
  ])('is that of the reference to the bit, $objects objects', ({ options, objects, expectedBoxes, expectedLabels }) => {
    const { boxes, labels } = syntheticTargets(options, objects);
    expect(digest(boxes)).toBe(expectedBoxes);
    expect([...labels]).toEqual(expectedLabels);
  });

  it('gives empty tensors for images without objects', () => {
    const { boxes, labels } = syntheticTargets(SMALL, 0);
    expect(boxes).toHaveLength(0);
    expect(labels).toHaveLength(0);
  });
});
