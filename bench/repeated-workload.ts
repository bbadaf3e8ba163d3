import type { ApplicationType, Workload } from '../src/profiles/workload.js';
import { requestedWorkload } from './requested-workload.js';
import { imageSizeOf, UsageError, wholeNumber } from './step-options.js';

/** What the command line says of the workload. */
export interface RepeatValues {
  readonly architecture: string;
  readonly 'batch-size'?: string;
  readonly 'image-size'?: string;
  readonly other: string;
  readonly quick: boolean;
}

/** The workload that is repeated, just as the service makes it of a request. @throws UsageError */
export function repeatedWorkload(values: RepeatValues, applicationType: ApplicationType): Workload {
  const batch = values['batch-size'];
  return requestedWorkload(values.architecture, applicationType, {
    quick: values.quick,
    ...(batch === undefined ? {} : { batch: wholeNumber('batch-size', batch) }),
    ...imageSizeOf(values['image-size']),
  });
}

/** The training that is measured in between. @throws UsageError */
export function otherWorkload({ architecture, other, quick }: RepeatValues): Workload {
  if (other === architecture) throw new UsageError(`--other has to be another architecture than ${architecture}`);
  return requestedWorkload(other, 'training', { quick });
}
