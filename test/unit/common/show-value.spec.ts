import { showValue } from '../../../src/common/show-value.js';

test.each<[unknown, string]>([
  [1.5, '1.5'],
  ['a"b', '"a\\"b"'],
  [null, 'null'],
  [{ a: 1 }, 'an object'],
  [[1, [2, 3]], '[1,[2,3]]'],
  [[1, [2, [3]]], 'a nested array'],
  ['x'.repeat(100), `"${'x'.repeat(59)}…`],
])('%j is shown as %s', (value, shown) => {
  expect(showValue(value)).toBe(shown);
});

test('what is nested deeper than the stack is shown too', () => {
  let nested: unknown[] = [];
  for (let level = 0; level < 100_000; level++) nested = [nested];
  expect(showValue(nested)).toBe('a nested array');
});
