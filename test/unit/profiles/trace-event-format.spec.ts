import { chromeTrace, type ChromeEvent } from '../../../src/profiles/chrome-trace.js';
import { A_TRAINING, aMeasurement } from '../../fixtures/measurements.js';
import { A_TRACE } from '../../fixtures/step-trace.js';
import { faultsOf } from '../../fixtures/trace-event-format.js';

const FILE = chromeTrace(aMeasurement(A_TRAINING), A_TRACE);

const changed = (change: (event: ChromeEvent) => object): object => ({
  ...FILE,
  traceEvents: FILE.traceEvents.map(change),
});
const ofPhase = (phase: string, fields: object): object =>
  changed((event) => (event.ph === phase ? { ...event, ...fields } : event));

/** What the check of real traces rests on. */
describe('the Trace Event Format', () => {
  it('has nothing wrong in what is written', () => {
    expect(faultsOf(FILE)).toEqual([]);
  });

  it.each([
    ['a list in place of an object', FILE.traceEvents, 'no object'],
    ['another unit of display', { ...FILE, displayTimeUnit: 's' }, 'displayTimeUnit'],
    ['an unknown phase', ofPhase('C', { ph: 'B' }), 'the phase "B"'],
    ['slices without a duration', ofPhase('X', { dur: undefined }), 'dur from 0'],
    ['a negative time', ofPhase('X', { ts: -1 }), 'ts from 0'],
    ['a time as a text', ofPhase('C', { ts: '5' }), 'ts from 0'],
    ['a counter without numbers', ofPhase('C', { args: { bytes: '5' } }), 'args of numbers'],
    ['metadata that is not documented', ofPhase('M', { name: 'threadname' }), 'a documented kind of metadata'],
    [
      'a track without a name',
      changed((event) => ('tid' in event ? { ...event, tid: event.ph === 'X' ? 9 : 1 } : event)),
      'there is no thread_name of 1/9',
    ],
    [
      'a process without a name',
      changed((event) => (event.ph === 'M' ? event : { ...event, pid: 2 })),
      'there is no process_name of 2',
    ],
    [
      'slices that overlap in part',
      changed((event) => (event.ph === 'X' && event.cat === 'operator' ? { ...event, dur: event.dur + 1 } : event)),
      'ends after',
    ],
    ['inner slices before outer ones', { ...FILE, traceEvents: [...FILE.traceEvents].reverse() }, 'ends after'],
    [
      'a counter that goes back in time',
      { ...FILE, traceEvents: [...FILE.traceEvents].reverse() },
      'the counter memory in use of 1 goes back in time',
    ],
  ])('is not met by %s', (_what, file, fault) => {
    expect(faultsOf(file)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });
});
