import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { BenchCase } from './bench-case.js';

/** What PyTorch took for the same case, in a process of its own. */
export interface ReferenceRound {
  readonly stepSeconds: number;
  readonly inferenceSeconds: number;
  /** Of the whole process, before its first inference. */
  readonly peakRssMebibytes: number;
}

interface ReferenceDocument {
  readonly seconds: Readonly<Record<'forward' | 'backward' | 'optimizer' | 'inference', number>>;
  readonly peak_rss_mib: number;
}

const REFERENCE = 'bench/reference/torch_reference.py';

/** Whether `python` can run the reference. */
export async function hasTorch(python: string): Promise<boolean> {
  try {
    await promisify(execFile)(python, ['-c', 'import torch, torchvision']);
    return true;
  } catch {
    return false;
  }
}

export async function referenceRound(python: string, benchCase: BenchCase, runs: number): Promise<ReferenceRound> {
  const { architecture, options, batch, imageSize, objects, threads } = benchCase;
  const { stdout } = await promisify(execFile)(
    python,
    [REFERENCE, architecture, '--weights-backbone', options.weightsBackbone, '--batch', String(batch)]
      .concat(['--image-size', ...imageSize.map(String), '--objects', String(objects), '--threads', String(threads)])
      .concat(['--time', String(runs)]),
    { maxBuffer: 2 ** 26 },
  );
  const { seconds, peak_rss_mib } = JSON.parse(stdout) as ReferenceDocument;
  return {
    stepSeconds: seconds.forward + seconds.backward + seconds.optimizer,
    inferenceSeconds: seconds.inference,
    peakRssMebibytes: peak_rss_mib,
  };
}
