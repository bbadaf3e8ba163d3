import { Problem } from '../src/common/problem.js';
import { architectures } from '../src/engine/zoo/catalogue.js';
import { toNetwork } from '../src/estimates/request/requested-network.js';
import { toWorkload } from '../src/estimates/request/requested-workload.js';
import { readSettings } from '../src/config/environment.js';
import { HardwareService } from '../src/hardware/hardware.service.js';
import { RuntimesService } from '../src/runtimes/runtimes.service.js';
import type { ApplicationType, Workload } from '../src/profiles/workload.js';
import { type BenchCase, benchCase, type CaseWishes } from './bench-case.js';
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
  return requested(values.architecture, applicationType, {
    quick: values.quick,
    ...(batch === undefined ? {} : { batch: wholeNumber('batch-size', batch) }),
    ...imageSizeOf(values['image-size']),
  });
}

/** The training that is measured in between. @throws UsageError */
export function otherWorkload({ architecture, other, quick }: RepeatValues): Workload {
  if (other === architecture) throw new UsageError(`--other has to be another architecture than ${architecture}`);
  return requested(other, 'training', { quick });
}

function requested(architecture: string, applicationType: ApplicationType, wishes: CaseWishes): Workload {
  const { batch, imageSize, options } = caseOf(architecture, wishes);
  const request = {
    architecture,
    application_type: applicationType,
    batch_size: batch,
    image_size: [...imageSize] as [number, number],
    ...(options.minSize === null || options.maxSize === null
      ? {}
      : { min_size: options.minSize, max_size: options.maxSize }),
  };
  try {
    return toWorkload(
      request,
      toNetwork(request),
      new HardwareService(new RuntimesService(readSettings(process.env))).allowedCores(),
    );
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { detail, errors = [] } = error.toDocument('');
    throw new UsageError([detail, ...errors.map((one) => one.detail)].join(' '));
  }
}

function caseOf(architecture: string, wishes: CaseWishes): BenchCase {
  const description = architectures.get(architecture);
  if (!description) throw new UsageError(`there is no architecture "${architecture}"`);
  try {
    return benchCase(description, wishes);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
