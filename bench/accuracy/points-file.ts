import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { conditionsOf, staleReasons } from '../../src/hardware/conditions.js';
import type { Machine } from '../../src/hardware/machine.js';
import type { TimingLimits } from '../../src/profiles/measurement.js';
import type { Workload } from '../../src/profiles/workload.js';
import { workloadKey } from '../../src/profiles/workload-key.js';
import { writeAtomically } from '../../src/profiles/write-atomically.js';
import { UsageError } from '../step-options.js';
import { isToBeRepeated, lessDisturbed, type MeasuredPoint } from './measured-point.js';

/** A workload that could not be measured. */
export interface FailedPoint {
  readonly workload: Workload;
  readonly failure: string;
}

/** All that was measured, on one machine and in one way. */
interface PointsDocument {
  readonly machine: Machine;
  readonly limits: TimingLimits;
  readonly points: readonly MeasuredPoint[];
  readonly failures: readonly FailedPoint[];
}

/** The measurements of a grid, kept in a file after each where there is one. */
export class PointsFile {
  private readonly points = new Map<string, MeasuredPoint>();
  private readonly failures = new Map<string, FailedPoint>();

  /** @param file null to keep nothing; @param resume whether to go on with what the file holds */
  constructor(
    private readonly file: string | null,
    private readonly machine: Machine,
    private readonly limits: TimingLimits,
    resume: boolean,
  ) {
    if (file === null || !resume || !existsSync(file)) return;
    const document = JSON.parse(readFileSync(file, 'utf8')) as PointsDocument;
    this.assertComparable(file, document);
    for (const point of document.points) this.points.set(workloadKey(point.observation.workload), point);
    for (const failed of document.failures) this.failures.set(workloadKey(failed.workload), failed);
  }

  /** Those of the grid, in its order; what else the file holds is of another grid. */
  measuredOf(grid: readonly Workload[]): readonly MeasuredPoint[] {
    return grid.flatMap((workload) => this.points.get(workloadKey(workload)) ?? []);
  }

  failuresOf(grid: readonly Workload[]): readonly FailedPoint[] {
    return grid.flatMap((workload) => this.failures.get(workloadKey(workload)) ?? []);
  }

  /** The first that was never tried; when all were, the first that was disturbed; null when nothing is left to do. */
  nextOf(grid: readonly Workload[]): Workload | null {
    const missing = grid.find((workload) => !this.isTried(workload));
    const failed = new Set(this.failures.keys());
    const disturbed = this.measuredOf(grid).find(
      (point) => isToBeRepeated(point) && !failed.has(workloadKey(point.observation.workload)),
    );
    return missing ?? disturbed?.observation.workload ?? null;
  }

  async add(point: MeasuredPoint): Promise<void> {
    const key = workloadKey(point.observation.workload);
    const earlier = this.points.get(key);
    this.points.set(key, earlier === undefined ? point : lessDisturbed(earlier, point));
    await this.write();
  }

  async addFailure(failed: FailedPoint): Promise<void> {
    this.failures.set(workloadKey(failed.workload), failed);
    await this.write();
  }

  private isTried(workload: Workload): boolean {
    const key = workloadKey(workload);
    return this.points.has(key) || this.failures.has(key);
  }

  /** Measurements of another machine, another version or within other limits are no measurements of the same thing. */
  private assertComparable(file: string, { machine, limits, points }: PointsDocument): void {
    const runtimes = new Set(points.map(({ observation }) => observation.workload.runtime));
    const [then, now] = [conditionsOf(machine), conditionsOf(this.machine)];
    const reasons = [
      ...(machine.id === this.machine.id ? [] : [`machine ${machine.id} made them, and this is ${this.machine.id}`]),
      ...new Set([...runtimes].flatMap((runtime) => staleReasons(then, now, runtime))),
      ...(limits.maxSteps === this.limits.maxSteps && limits.maxSeconds === this.limits.maxSeconds
        ? []
        : [`they were made within ${describe(limits)}, not ${describe(this.limits)}`]),
    ];
    if (reasons.length === 0) return;
    throw new UsageError(`${file} holds other measurements: ${reasons.join('; ')}. Name another file.`);
  }

  /** A line for each point, so that the file can be looked into. */
  private async write(): Promise<void> {
    if (this.file === null) return;
    const { machine, limits } = this;
    const document: PointsDocument = {
      machine,
      limits,
      points: [...this.points.values()],
      failures: [...this.failures.values()],
    };
    const members = Object.entries(document).map(([name, value]: [string, unknown]) => {
      const lines = Array.isArray(value) && value.map((one) => JSON.stringify(one)).join(',\n');
      return `${JSON.stringify(name)}: ${lines === false ? JSON.stringify(value) : `[\n${lines}\n]`}`;
    });
    await writeAtomically(resolve(this.file), `{\n${members.join(',\n')}\n}\n`);
  }
}

function describe({ maxSteps, maxSeconds }: TimingLimits): string {
  return `${maxSteps} steps and ${maxSeconds} s`;
}
