import { Inject, Injectable } from '@nestjs/common';
import { ArchitectureFactsService } from '../architectures/architecture-facts.service.js';
import { HardwareService } from '../hardware/hardware.service.js';
import type { Workload } from '../profiles/workload.js';
import { MEASURING_OPTIONS, type MeasuringOptions } from '../profiling/measuring-options.js';
import type { Accepted } from './accepted.js';
import type { MeasurableDto } from './dto/measurable.dto.js';
import type { WorkloadDto } from './dto/workload.dto.js';
import { isPrediction, type Obtained, type Quantity } from './obtained.js';
import type { Preference } from './preference.js';
import { requestedLimits } from './request/requested-limits.js';
import type { RequestedNetwork } from './request/requested-network.js';
import { requestedSource } from './request/requested-source.js';
import { toWorkload } from './request/requested-workload.js';
import { WaitedFor } from './waited-for.js';
import { parameterWarnings, type Warning } from './warning.js';
import { WorkloadFiguresService } from './workload-figures.service.js';

/** An answer's members by their names on the wire. */
export type Answer = Readonly<Record<string, unknown>>;

/** What all requests for estimates have in common: their workloads, their warnings, and how they come to their figures. */
@Injectable()
export class EstimateRequests {
  constructor(
    private readonly hardware: HardwareService,
    private readonly facts: ArchitectureFactsService,
    private readonly figures: WorkloadFiguresService,
    @Inject(MEASURING_OPTIONS) private readonly measuring: MeasuringOptions,
  ) {}

  /** @throws Problem 422 */
  workloadOf(request: WorkloadDto, network: RequestedNetwork): Workload {
    return toWorkload(request, network, this.hardware.allowedCores());
  }

  /** What of a request changes nothing, or is perhaps not what was meant. */
  warningsOf({ parameters }: WorkloadDto, { description, options, warnings }: RequestedNetwork): readonly Warning[] {
    return parameters === undefined
      ? warnings
      : [...warnings, ...parameterWarnings(parameters, this.facts.of(description, options).parameters)];
  }

  /**
   * @param quantities that the answer tells
   * @throws Problem
   */
  obtain<Name extends string>(
    workloads: Readonly<Record<Name, Workload>>,
    request: MeasurableDto,
    preference: Preference,
    quantities: readonly Quantity[],
  ): Promise<Readonly<Record<Name, Obtained>> | Accepted> {
    const limits = requestedLimits(request, this.measuring);
    return this.figures.obtain(workloads, { ...requestedSource(request), limits, preference, quantities });
  }
}

/** An answer, marked where it was waited for and the client had said how long. */
export function heeded(
  { appliedByWaiting }: Preference,
  obtained: Readonly<Record<string, Obtained>>,
  answer: Answer,
): Answer | WaitedFor {
  const hasWaited = Object.values(obtained).some((one) => !isPrediction(one) && !one.fromProfile);
  return hasWaited && appliedByWaiting !== '' ? new WaitedFor(answer, appliedByWaiting) : answer;
}
