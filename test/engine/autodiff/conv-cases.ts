import type { ConvAttributes } from '../../../src/engine/graph/operators.js';

export interface ConvCase {
  readonly name: string;
  /** Images, channels, height, width. */
  readonly input: readonly [number, number, number, number];
  /** Output channels, input channels a group, height, width. */
  readonly kernel: readonly [number, number, number, number];
  readonly attributes: ConvAttributes;
}

export function convCase(
  name: string,
  input: ConvCase['input'],
  kernel: ConvCase['kernel'],
  attributes: Partial<ConvAttributes>,
): ConvCase {
  const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  return { name, input, kernel, attributes: { ...plain, ...attributes } };
}

export const even = (size: number): ConvAttributes['pads'] => [size, size, size, size];

export const convCases: readonly ConvCase[] = [
  convCase('1x1', [2, 3, 5, 4], [4, 3, 1, 1], {}),
  convCase('1x1 of one position, batch 1', [1, 6, 1, 1], [4, 6, 1, 1], {}),
  convCase('1x1, stride 2, odd size', [2, 3, 5, 7], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase('1x1, stride 2, even size', [2, 3, 6, 4], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase('3x3 without padding', [2, 3, 6, 5], [4, 3, 3, 3], {}),
  convCase('3x3, padded', [2, 3, 6, 5], [4, 3, 3, 3], { pads: even(1) }),
  convCase('3x3, padded by more than its reach', [1, 2, 4, 4], [3, 2, 3, 3], { pads: even(2) }),
  convCase('3x3, padded unevenly', [2, 3, 6, 5], [4, 3, 3, 3], { pads: [0, 2, 1, 0] }),
  convCase('3x3, stride 2, odd size', [2, 3, 7, 5], [4, 3, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, even size', [2, 3, 8, 6], [4, 3, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, padded unevenly', [2, 3, 8, 7], [4, 3, 3, 3], { pads: [0, 1, 1, 0], strides: [2, 2] }),
  convCase('3x3, another stride for each axis', [2, 3, 7, 6], [4, 3, 3, 3], { pads: even(1), strides: [1, 2] }),
  convCase('3x3, stride 3, the last rows unseen', [1, 2, 8, 8], [3, 2, 3, 3], { strides: [3, 3] }),
  convCase('3x3, dilated', [2, 3, 8, 7], [4, 3, 3, 3], { pads: even(2), dilations: [2, 2] }),
  convCase('3x3, dilated, stride 2', [1, 2, 9, 8], [3, 2, 3, 3], { pads: even(2), dilations: [2, 2], strides: [2, 2] }),
  convCase('3x3 over a large map', [2, 8, 70, 62], [4, 8, 3, 3], { pads: even(1) }),
  convCase('3x3 over a large map, dilated, padded unevenly', [1, 8, 72, 66], [4, 8, 3, 3], {
    pads: [2, 1, 0, 3],
    dilations: [2, 2],
  }),
  convCase('3x3 over a large map, not padded, two groups', [1, 16, 70, 68], [4, 8, 3, 3], { group: 2 }),
  convCase('3x3 over a large map, padded unevenly', [2, 8, 66, 62], [4, 8, 3, 3], { pads: [0, 2, 1, 0] }),
  convCase('3x5 over a large map, padded beyond its reach', [1, 8, 56, 60], [4, 8, 3, 5], { pads: [3, 6, 0, 5] }),
  convCase('3x3, stride 2, 16 to 32 channels, even and odd size', [2, 16, 8, 7], [32, 16, 3, 3], {
    pads: even(1),
    strides: [2, 2],
  }),
  convCase('3x3, stride 2, 32 to 16 channels, odd and even size', [2, 32, 5, 10], [16, 32, 3, 3], {
    pads: even(1),
    strides: [2, 2],
  }),
  convCase('1x1, stride 2, many inputs', [2, 70, 5, 6], [4, 70, 1, 1], { strides: [2, 2] }),
  convCase('1x1, padded, stride 2, many inputs', [2, 70, 5, 6], [4, 70, 1, 1], { strides: [2, 2], pads: even(1) }),
  convCase('3x3, stride 2, odd size, many inputs', [2, 8, 7, 5], [4, 8, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, even size, many inputs', [3, 8, 8, 6], [4, 8, 3, 3], { pads: even(1), strides: [2, 2] }),
  convCase('3x3, stride 2, padded unevenly, many inputs', [2, 8, 8, 7], [4, 8, 3, 3], {
    pads: [0, 1, 1, 0],
    strides: [2, 2],
  }),
  convCase('3x3, stride 3, the last rows unseen, many inputs', [2, 8, 8, 11], [4, 8, 3, 3], { strides: [3, 3] }),
  convCase('3x3, dilated, stride 2, many inputs', [2, 8, 9, 8], [3, 8, 3, 3], {
    pads: even(2),
    dilations: [2, 2],
    strides: [2, 2],
  }),
  convCase('3x3 of few positions, two images', [2, 8, 4, 5], [8, 8, 3, 3], { pads: even(1) }),
  convCase('3x3 of few positions, padded by more than its reach', [2, 8, 3, 2], [8, 8, 3, 3], { pads: even(3) }),
  convCase('3x3, dilated, outer taps see half', [2, 8, 8, 7], [4, 8, 3, 3], { pads: even(4), dilations: [4, 4] }),
  convCase('3x3, dilated, corners see padding alone', [2, 8, 8, 5], [4, 8, 3, 3], { pads: even(5), dilations: [5, 5] }),
  convCase('3x3, dilated, only the centre sees the map', [1, 8, 4, 5], [4, 8, 3, 3], {
    pads: even(6),
    dilations: [6, 6],
  }),
  convCase('3x3, dilated unevenly, padded unevenly', [1, 8, 9, 7], [4, 8, 3, 3], {
    pads: [4, 1, 2, 5],
    dilations: [3, 4],
  }),
  convCase('3x3, dilated, larger than the map', [1, 8, 3, 4], [4, 8, 3, 3], { pads: [9, 9, 5, 5], dilations: [5, 5] }),
  convCase('3x3, dilated, two groups', [2, 16, 8, 7], [4, 8, 3, 3], { pads: even(4), dilations: [4, 4], group: 2 }),
  ...[16, 32].flatMap((channels) => [
    convCase(`3x3, ${channels} to 16 channels`, [2, channels, 24, 22], [16, channels, 3, 3], { pads: even(1) }),
    convCase(`3x3, 16 to ${channels} channels, dilated, padded unevenly`, [1, 16, 38, 34], [channels, 16, 3, 3], {
      pads: [2, 1, 0, 3],
      dilations: [2, 2],
    }),
  ]),
  convCase('1x5 to a multiple of channels', [3, 16, 20, 18], [48, 16, 1, 5], { pads: [0, 2, 0, 2] }),
  convCase('7x7, stride 2, as a stem, of 16 channels', [2, 3, 13, 12], [16, 3, 7, 7], {
    pads: even(3),
    strides: [2, 2],
  }),
  convCase('3x3 of 16 channels, padded by more than its reach', [1, 16, 33, 32], [16, 16, 3, 3], { pads: even(4) }),
  convCase('3x3 of 16 channels, a map smaller than the kernel', [2, 16, 2, 1], [16, 16, 3, 3], { pads: even(1) }),
  convCase('5x5 of 15 channels', [2, 15, 9, 8], [16, 15, 5, 5], { pads: even(2) }),
  convCase('3x1', [2, 3, 6, 5], [4, 3, 3, 1], { pads: [1, 0, 1, 0] }),
  convCase('7x7, stride 2, as a stem', [1, 3, 13, 12], [2, 3, 7, 7], { pads: even(3), strides: [2, 2] }),
  convCase('3x3, two groups', [2, 4, 6, 5], [6, 2, 3, 3], { pads: even(1), group: 2 }),
  convCase('3x3, two groups, stride 2', [2, 4, 7, 6], [6, 2, 3, 3], { pads: even(1), group: 2, strides: [2, 2] }),
  ...[3, 5].flatMap((kernel) =>
    [1, 2].flatMap((stride) =>
      (
        [
          [7, 9],
          [8, 6],
        ] as const
      ).map(([height, width]) =>
        convCase(
          `depthwise ${kernel}x${kernel}, stride ${stride}, ${height}x${width}`,
          [2, 5, height, width],
          [5, 1, kernel, kernel],
          {
            pads: even((kernel - 1) / 2),
            group: 5,
            strides: [stride, stride],
          },
        ),
      ),
    ),
  ),
  ...[4, 12, 16, 20].map((channels) =>
    convCase(`depthwise 3x3, stride 2, ${channels} channels`, [2, channels, 7, 6], [channels, 1, 3, 3], {
      pads: even(1),
      group: channels,
      strides: [2, 2],
    }),
  ),
  ...[3, 5].map((kernel) =>
    convCase(`depthwise ${kernel}x${kernel}, dilated`, [2, 8, 9, 7], [8, 1, kernel, kernel], {
      pads: even(kernel - 1),
      group: 8,
      dilations: [2, 2],
    }),
  ),
  convCase('depthwise 5x5, dilated beyond its map', [1, 4, 5, 3], [4, 1, 5, 5], {
    pads: even(6),
    group: 4,
    dilations: [3, 3],
  }),
  convCase('depthwise 3x3, dilated, stride 2', [2, 4, 9, 8], [4, 1, 3, 3], {
    pads: even(2),
    group: 4,
    strides: [2, 2],
    dilations: [2, 2],
  }),
  convCase('depthwise 3x3, batch 1, one position', [1, 4, 1, 1], [4, 1, 3, 3], { pads: even(1), group: 4 }),
  convCase('depthwise 5x5 of a map smaller than its kernel', [2, 4, 2, 3], [4, 1, 5, 5], { pads: even(2), group: 4 }),
  convCase('depthwise 3x3, stride 2, from two positions', [2, 4, 2, 2], [4, 1, 3, 3], {
    pads: even(1),
    group: 4,
    strides: [2, 2],
  }),
  convCase('depthwise with two filters a channel', [2, 3, 6, 5], [6, 1, 3, 3], { pads: even(1), group: 3 }),
];
