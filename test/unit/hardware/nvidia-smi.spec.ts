import { bytesOf, numberOf, parseRow } from '../../../src/hardware/nvidia-smi.js';

const FIELDS = ['uuid', 'memory.used', 'utilization.gpu'] as const;

describe('parseRow', () => {
  it('reads the cells by their fields', () => {
    expect(parseRow('GPU-1, 1017, 37', FIELDS)).toEqual({
      uuid: 'GPU-1',
      'memory.used': '1017',
      'utilization.gpu': '37',
    });
  });

  it.each(['[N/A]', 'N/A', '[Not Supported]', 'Not Supported', '[Unknown Error]', '[GPU requires reset]', ''])(
    'knows that %j is no figure',
    (cell) => {
      expect(parseRow(`GPU-1, ${cell}, 5`, FIELDS)).toMatchObject({ 'memory.used': null, 'utilization.gpu': '5' });
    },
  );

  it.each([
    ['', 'an empty line'],
    ['GPU-1, 1017', 'a column too few'],
    ['GPU-1, 1017, 37, 5', 'a column too many'],
    ['[N/A], 1017, 37', 'a device that has no name to be told by'],
    ['Unable to determine the device handle for GPU0: 0000:17:00.0: Unknown Error', 'a message'],
    ['Reboot the system, please, to recover', 'a message with as many commas'],
  ])('takes %j for no answer: %s', (line) => {
    expect(parseRow(line, FIELDS)).toBeNull();
  });
});

describe('numberOf', () => {
  it.each([
    ['37', 37],
    ['0', 0],
    ['12.5', 12.5],
    ['37 %', null],
    ['-1', null],
    ['', null],
    [null, null],
  ])('of %j is %j', (cell, number) => {
    expect(numberOf(cell)).toBe(number);
  });
});

describe('bytesOf', () => {
  it('counts in MiB, and nothing is not none', () => {
    expect(bytesOf('143771')).toBe(143_771 * 2 ** 20);
    expect(bytesOf('0')).toBe(0);
    expect(bytesOf(null)).toBeNull();
  });
});
