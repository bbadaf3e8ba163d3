import { covers, reaches } from '../../../src/profiles/timing-limits.js';

const within = (maxSteps: number, maxSeconds: number, shortened: boolean) => ({ maxSteps, maxSeconds, shortened });

describe('reaches', () => {
  it.each([
    ['that cut nothing short', within(10, 2, false), { maxSteps: 1000, maxSeconds: 60 }, true],
    ['as they are asked for', within(10, 2, true), { maxSteps: 10, maxSeconds: 2 }, true],
    ['wider than they are asked for', within(100, 20, true), { maxSteps: 10, maxSeconds: 2 }, true],
    ['of fewer steps', within(9, 60, true), { maxSteps: 10, maxSeconds: 2 }, false],
    ['of fewer seconds', within(1000, 1.5, true), { maxSteps: 10, maxSeconds: 2 }, false],
  ])('with limits %s', (_what, protocol, limits, reached) => {
    expect(reaches(protocol, limits)).toBe(reached);
  });
});

describe('covers', () => {
  it.each([
    ['one that was not cut short all others', within(10, 2, false), within(1000, 60, false), true],
    ['one that was cut short none that was not', within(1000, 60, true), within(10, 2, false), false],
    ['one that was cut short those of tighter limits', within(100, 20, true), within(10, 2, true), true],
    ['one that was cut short none of wider limits', within(10, 20, true), within(100, 2, true), false],
  ])('has %s', (_what, one, other, covered) => {
    expect(covers(one, other)).toBe(covered);
  });
});
