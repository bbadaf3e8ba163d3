import { choice, named, object } from '../common/codec.js';

/** Units of every figure in an answer. */
export const UNITS = { memory: 'byte', time: 'second', utilization: 'percent' } as const;

export type Units = typeof UNITS;

export const unitsCodec = named(
  'Units',
  object<Units>({
    memory: choice([UNITS.memory]),
    time: choice([UNITS.time]),
    utilization: choice([UNITS.utilization]),
  }),
);
