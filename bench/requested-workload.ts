import { Problem } from '../src/common/problem.js';
import { readSettings } from '../src/config/environment.js';
import { architectures } from '../src/engine/zoo/catalogue.js';
import { toNetwork } from '../src/estimates/request/requested-network.js';
import { toWorkload } from '../src/estimates/request/requested-workload.js';
import { HardwareService } from '../src/hardware/hardware.service.js';
import type { ApplicationType, RuntimeName, Workload } from '../src/profiles/workload.js';
import { RuntimesService } from '../src/runtimes/runtimes.service.js';
import { type BenchCase, benchCase, type CaseWishes } from './bench-case.js';
import { UsageError } from './step-options.js';

/** A workload just as the service makes it of a request. @throws UsageError */
export function requestedWorkload(
  architecture: string,
  applicationType: ApplicationType,
  wishes: CaseWishes,
  runtime: RuntimeName = 'onnxruntime',
): Workload {
  const { batch, imageSize, options } = caseOf(architecture, wishes);
  const request = {
    architecture,
    application_type: applicationType,
    runtime,
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
