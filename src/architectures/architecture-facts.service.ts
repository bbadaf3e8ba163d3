import { Injectable } from '@nestjs/common';
import type { ArchitectureDescription, NetworkOptions } from '../engine/zoo/description.js';
import { networkFacts } from '../engine/zoo/facts.js';
import type { NetworkFacts } from '../profiles/measurement.js';

/** Counts of networks, which are built (not run) to find them: some tens of milliseconds the first time. */
@Injectable()
export class ArchitectureFactsService {
  private readonly known = new Map<string, NetworkFacts>();

  /** For one image at the architecture's default size. */
  of({ name, defaultImageSize }: ArchitectureDescription, options: NetworkOptions): NetworkFacts {
    const key = JSON.stringify([name, options.numClasses, options.weightsBackbone, options.trainableBackboneLayers]);
    const known = this.known.get(key);
    if (known !== undefined) {
      return known;
    }
    const facts = networkFacts(name, options, 1, defaultImageSize);
    this.known.set(key, facts);
    return facts;
  }
}
