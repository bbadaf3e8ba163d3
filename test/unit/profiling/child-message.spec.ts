import { parseChildMessage } from '../../../src/profiling/child-message.js';
import { MeasuringFailedError } from '../../../src/profiling/measuring.errors.js';
import { RESULT } from '../../fixtures/children/result.js';
import { A_TRACE } from '../../fixtures/step-trace.js';

const result = (changes: object): unknown => ({ type: 'result', result: { ...RESULT, ...changes } });

describe('parseChildMessage', () => {
  it.each([
    { type: 'ready' },
    { type: 'progress', phase: 'timing', step: 3, windowSeconds: 0.25 },
    { type: 'progress', phase: 'building', step: 0, windowSeconds: null },
    {
      type: 'failed',
      failure: { code: 'does-not-fit', message: 'too big', plannedPeakBytes: 2, memoryBudgetBytes: 1 },
    },
    { type: 'failed', failure: { code: 'internal', message: 'a fault' } },
    { type: 'result', result: RESULT },
  ])('takes %j', (message) => {
    expect(parseChildMessage(message)).toBe(message);
  });

  it.each([
    ['nothing', null, 'unknown type'],
    ['text', 'ready', 'unknown type'],
    ['an unknown type', { type: 'done' }, 'unknown type'],
    ['the name of an inherited property', { type: 'constructor' }, 'unknown type'],
    ['a lost field', { type: 'progress', phase: 'timing', step: 1 }, 'windowSeconds'],
    [
      'an unknown phase',
      { type: 'progress', phase: 'resting', step: 1, windowSeconds: null },
      "phase is not as declared: 'resting'",
    ],
    ['half a step', { type: 'progress', phase: 'timing', step: 0.5, windowSeconds: null }, 'step'],
    ['a failure without a reason', { type: 'failed', failure: { code: 'internal' } }, 'failure.message'],
    ['a figure that is not finite', result({ cpuMeanPercent: Number.NaN }), 'result.cpuMeanPercent'],
    ['a negative figure', result({ baselineRssBytes: -1 }), 'result.baselineRssBytes'],
    ['a figure lost to JSON', result({ losses: { classification: null } }), 'result.losses.classification'],
    [
      'a trace of an unknown phase',
      result({ trace: { ...A_TRACE, timeline: [{ ...A_TRACE.timeline[0], phase: 'pause' }] } }),
      'result.trace.timeline.0.phase',
    ],
    [
      'three sides of an image',
      result({ network: { ...RESULT.network, computedImageSize: [1, 2, 3] } }),
      'computedImageSize',
    ],
    [
      'a wrong entry in a list',
      result({ readings: [RESULT.readings[0], { point: 'step_end' }] }),
      'result.readings.1.rssBytes',
    ],
  ])('refuses %s and says where', (_, message, expected) => {
    expect(() => parseChildMessage(message)).toThrow(MeasuringFailedError);
    expect(() => parseChildMessage(message)).toThrow(expected);
  });
});
