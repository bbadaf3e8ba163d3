import type { NetworkOptions } from '../description.js';

/**
 * Stages of a backbone that train, counted from the last; `all` of them where there are no pretrained weights, as
 * torchvision insists.
 */
export function trainableLayers({ weightsBackbone, trainableBackboneLayers }: NetworkOptions, all: number): number {
  return weightsBackbone === 'none' ? all : (trainableBackboneLayers ?? all);
}
