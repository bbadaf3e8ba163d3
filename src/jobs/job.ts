import type { ProblemDetails } from '../common/problem.js';
import type { TimingLimits } from '../profiles/measurement.js';
import type { Workload } from '../profiles/workload.js';

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;

export type JobState = (typeof JOB_STATES)[number];

/** Where the measurement that a job made is to be found. */
export interface JobResult {
  readonly machineId: string;
  readonly measurementId: string;
  /** False when it could not be written to the profile: then only those who waited for it have it. */
  readonly kept: boolean;
}

/** A measurement that is to be made, is being made, or was made or given up. Changes make a new one. */
export interface Job {
  readonly id: string;
  /** Jobs take their turns in this order. */
  readonly sequence: number;
  readonly state: JobState;
  readonly workload: Workload;
  /** Null in files of version 0.4 and earlier: those of the service. */
  readonly limits: TimingLimits | null;
  readonly createdAt: string;
  /** Of the last attempt. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** How often the service ended while it ran. */
  readonly interruptions: number;
  /** Of a job that succeeded. */
  readonly result: JobResult | null;
  /** Of a job that failed. */
  readonly problem: ProblemDetails | null;
}

export function isOver({ state }: Job): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}

export function jobPath(id: string): string {
  return `/api/v1/jobs/${encodeURIComponent(id)}`;
}
