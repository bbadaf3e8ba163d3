import { LruCache } from '../common/lru-cache.js';
import type { MemoryBasis } from '../engine/training/memory-basis.js';
import type { Workload } from '../profiles/workload.js';
import { type KindWork, stepWork } from './step-work.js';
import { networkKey } from './support.js';
import { workloadCosts } from './workload-costs.js';

/** What predictions need of a workload. */
export interface WorkloadAnalysis {
  readonly works: readonly KindWork[];
  readonly memory: MemoryBasis;
}

/** Workloads whose analysis is kept beside those that are learned, some 50 kB each. */
const MOST_KEPT = 600;

/** Analyses of workloads, made once for all predictors that share them: each takes the building of a graph. */
export class WorkloadAnalyses {
  private readonly kept = new LruCache<string, WorkloadAnalysis>(MOST_KEPT);

  /**
   * Makes room for so many measured workloads beside those that are asked for. They are gone through in the same order each
   * time something is learned: with less room the one that is needed next would always just have gone.
   */
  makeRoomFor(measured: number): void {
    this.kept.growTo(measured + MOST_KEPT);
  }

  /** @throws UnknownArchitectureError */
  of(workload: Workload): WorkloadAnalysis {
    const key = analysisKey(workload);
    const known = this.kept.get(key);
    if (known) return known;
    const costs = workloadCosts(workload);
    const analysis = { works: stepWork(costs), memory: costs.memory };
    this.kept.set(key, analysis);
    return analysis;
  }
}

/** Of all that decides what a workload costs, and so what is predicted of it. */
export function analysisKey(workload: Workload): string {
  const { options, batchSize, imageSize, objectsPerImage, positivesPerImage, threads, runtime } = workload;
  const { candidatesPerImage, detectionsPerImage } = workload;
  const counts = [objectsPerImage, positivesPerImage, candidatesPerImage, detectionsPerImage];
  return [
    runtime,
    networkKey(workload),
    options.minSize,
    options.maxSize,
    threads,
    batchSize,
    ...imageSize,
    ...counts,
  ].join(' ');
}
