import { flag, moment, named, nullable, object, text } from '../common/codec.js';
import type { Machine } from '../hardware/machine.js';
import { machineCodec } from '../hardware/machine.codec.js';
import {
  cpuCodec,
  gpuCodec,
  memoryCodec,
  networkCodec,
  protocolCodec,
  reachedCodec,
  timesCodec,
  workloadCodec,
} from '../profiles/measurement.codec.js';
import { isTraced, type Measurement } from '../profiles/measurement.js';
import { profilePath, tracePath } from '../profiles/profile-summary.js';
import { executedBy, executedByCodec, type ExecutedBy } from './executed-by.js';
import type { ObtainedMeasurement } from './obtained.js';

/** The measurement that an answer rests on, without what only its profile tells (samples, operators, losses). */
export interface Evidence extends Pick<
  Measurement,
  'workload' | 'network' | 'reached' | 'protocol' | 'times' | 'memory' | 'cpu' | 'gpu' | 'measuredAt'
> {
  readonly measurementId: string;
  readonly profile: string;
  readonly trace: string | null;
  readonly fromProfile: boolean;
  readonly machine: Machine;
  readonly runtime: ExecutedBy;
}

export const evidenceCodec = named(
  'Evidence',
  object<Evidence>({
    workload: workloadCodec,
    network: networkCodec,
    reached: reachedCodec,
    protocol: nullable(protocolCodec),
    times: timesCodec,
    memory: memoryCodec,
    cpu: cpuCodec,
    gpu: nullable(gpuCodec),
    measuredAt: moment(),
    measurementId: text(),
    profile: text('Where the whole measurement is, with its samples and the shares of the operators.'),
    trace: nullable(
      text(
        'Where time and memory by operator and module are; `?format=chrome` for a time line. Null where the runtime has no trace.',
      ),
    ),
    fromProfile: flag('True when it was measured for an earlier request.'),
    machine: machineCodec,
    runtime: executedByCodec,
  }),
);

export function evidenceOf({ measurement, machine, fromProfile }: ObtainedMeasurement): Evidence {
  return {
    ...measurement,
    measurementId: measurement.id,
    profile: profilePath(machine.id, measurement.workload.architecture),
    trace: isTraced(measurement) ? tracePath(machine.id, measurement.workload.architecture, measurement.id) : null,
    fromProfile,
    machine,
    runtime: executedBy(measurement.workload, machine),
  };
}
