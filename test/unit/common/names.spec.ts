import { jsonPointer } from '../../../src/common/json-pointer.js';
import { nearestNames } from '../../../src/common/nearest-names.js';
import { showValue } from '../../../src/common/show-value.js';

describe('the nearest names', () => {
  const known = ['batch_size', 'image_size', 'dataset_size', 'threads'];

  it('begin with the nearest', () => {
    expect(nearestNames('bacth_size', known)[0]).toBe('batch_size');
    expect(nearestNames('Threads', known)).toEqual(['threads']);
  });

  it('are none when none resembles', () => {
    expect(nearestNames('colour', known)).toEqual([]);
  });

  it('are first those of which the text is a part, however short it is beside them', () => {
    const architectures = ['resnet18', 'ssdlite320_mobilenet_v3_large', 'fasterrcnn_resnet50_fpn'];
    expect(nearestNames('SSDlite', architectures)).toEqual(['ssdlite320_mobilenet_v3_large']);
    expect(nearestNames('resnet', architectures)).toEqual(['resnet18', 'fasterrcnn_resnet50_fpn']);
    expect(nearestNames('e', architectures)).toEqual([]);
  });

  it('are as many as asked for when any distance will do', () => {
    expect(nearestNames('colour', known, { within: 1, limit: 2 })).toHaveLength(2);
  });

  it('are none of a text that is longer than any name', () => {
    expect(nearestNames('batch_size'.repeat(100_000), known)).toEqual([]);
  });
});

describe('a JSON pointer', () => {
  it.each([
    [[], '#'],
    [['image_size', '0'], '#/image_size/0'],
    [['a/b~c'], '#/a~1b~0c'],
    [['Batch Time', 'forward_pass'], '#/Batch%20Time/forward_pass'],
    [['größe'], '#/gr%C3%B6%C3%9Fe'],
    [['half \ud83d'], '#/half%20%EF%BF%BD'],
  ])('of %j is %s', (path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
  });
});

describe('a value in a text', () => {
  it.each([
    [0, '0'],
    ['4', '"4"'],
    [null, 'null'],
    [[0, 10], '[0,10]'],
    [{ a: 1 }, 'an object'],
    [true, 'true'],
  ])('%j is shown as %s', (value, text) => {
    expect(showValue(value)).toBe(text);
  });

  it('is cut short', () => {
    expect(showValue('a'.repeat(1000)).length).toBeLessThan(70);
  });
});
