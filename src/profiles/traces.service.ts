import { Injectable, StreamableFile } from '@nestjs/common';
import { Problem } from '../common/problem.js';
import { chromeTrace } from './chrome-trace.js';
import { isTraced, type Measurement } from './measurement.js';
import { withProfileProblems } from './profile-problems.js';
import { profilePath } from './profile-summary.js';
import { ProfilesRepository } from './profiles.repository.js';
import { traceSummaryCodec } from './step-trace.codec.js';
import type { TraceFormat } from './trace.query.js';

export interface MeasurementAddress {
  readonly machine: string;
  readonly architecture: string;
  readonly id: string;
}

/** What the endpoint of a measurement's trace answers. */
@Injectable()
export class TracesService {
  constructor(private readonly profiles: ProfilesRepository) {}

  /** @throws Problem 404; 500 for a profile that cannot be read */
  async get(address: MeasurementAddress, format: TraceFormat = 'json'): Promise<unknown> {
    const measurement = await this.measurementAt(address);
    if (!isTraced(measurement)) {
      const { runtime, device } = measurement.workload;
      throw new Problem(
        'not-found',
        404,
        `The measurement "${address.id}" has no trace: only steps of onnxruntime on the CPU are traced, and this was ${runtime} on ${device}.`,
      );
    }
    const trace = await this.profiles.findTrace(address.machine, measurement.id);
    if (trace === null) {
      throw new Problem(
        'not-found',
        404,
        `The measurement "${address.id}" has no trace: it was imported, which brings no traces, or made by a version that kept none, or its trace could not be kept. A new measurement of the same workload has one.`,
      );
    }
    switch (format) {
      case 'json':
        return traceSummaryCodec.encode(trace.summary);
      case 'chrome':
        return asFile(chromeTrace(measurement, trace), `${address.architecture}-${measurement.id}.trace.json`);
    }
  }

  private async measurementAt({ machine, architecture, id }: MeasurementAddress): Promise<Measurement> {
    const profile = await withProfileProblems(this.profiles.find(machine, architecture));
    if (profile === null) {
      throw new Problem('not-found', 404, 'Nothing was measured of this architecture on this machine.');
    }
    const measurement = profile.measurements.find((one) => one.id === id);
    if (measurement === undefined) {
      throw new Problem(
        'not-found',
        404,
        `The profile has no measurement "${id}"; those that it has are at ${profilePath(machine, architecture)}.`,
      );
    }
    return measurement;
  }
}

function asFile(content: object, name: string): StreamableFile {
  return new StreamableFile(Buffer.from(JSON.stringify(content)), {
    type: 'application/json; charset=utf-8',
    disposition: `attachment; filename="${name}"`,
  });
}
