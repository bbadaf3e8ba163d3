import { conditionsOf } from '../../../src/hardware/conditions.js';
import type { KeptMeasurement } from '../../../src/profiles/kept-measurement.js';
import { MOST_OF_A_WORKLOAD, withNew } from '../../../src/profiles/merge-measurements.js';
import { A_MACHINE, A_TRAINING, aMeasurement, THE_LIMITS } from '../../fixtures/measurements.js';

function kept(id: string, shortened = false): KeptMeasurement {
  const protocol = { ...THE_LIMITS, shortened };
  return { ...aMeasurement(A_TRAINING, { id, protocol }), conditions: conditionsOf(A_MACHINE) };
}

const idsOf = (measurements: readonly KeptMeasurement[]): string[] => measurements.map(({ id }) => id);
const several = (count: number, shortened: boolean): KeptMeasurement[] =>
  Array.from({ length: count }, (_, index) => kept(`${shortened ? 'short' : 'whole'} ${index}`, shortened));

describe('a new measurement of a workload of which there are as many as are kept', () => {
  it('takes the place of the oldest', () => {
    const ids = idsOf(withNew(several(MOST_OF_A_WORKLOAD, false), kept('new')));
    expect(ids).toHaveLength(MOST_OF_A_WORKLOAD);
    expect(ids).not.toContain('whole 0');
    expect(ids.at(-1)).toBe('new');
  });

  it('that limits cut short leaves the last whole one where it is', () => {
    const ids = idsOf(withNew([kept('whole'), ...several(MOST_OF_A_WORKLOAD - 1, true)], kept('new', true)));
    expect(ids).toContain('whole');
    expect(ids).not.toContain('short 0');
    expect(ids).toHaveLength(MOST_OF_A_WORKLOAD);
  });

  it('that is whole itself lets an older whole one go', () => {
    const ids = idsOf(withNew([kept('whole'), ...several(MOST_OF_A_WORKLOAD - 1, true)], kept('new')));
    expect(ids).not.toContain('whole');
    expect(ids).toContain('short 0');
  });
});
