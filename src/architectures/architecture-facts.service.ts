import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ArchitectureDescription, NetworkOptions } from '../engine/zoo/description.js';
import { networkFacts, type NetworkFacts } from '../engine/zoo/facts.js';

/** Long enough for a request that waits to be read and answered. */
const PAUSE_MILLISECONDS = 5;

/** Counts of networks, which are built (not run) to find them: some tens of milliseconds the first time. */
@Injectable()
export class ArchitectureFactsService {
  private readonly known = new Map<string, NetworkFacts>();

  /** For one image at the architecture's default size, resized as by default. */
  of(description: ArchitectureDescription, options: NetworkOptions): NetworkFacts {
    const key = keyOf(description, options);
    const known = this.known.get(key);
    if (known !== undefined) {
      return known;
    }
    const { name, defaultImageSize } = description;
    const facts = networkFacts(name, resizedAsUsual(description, options), 1, defaultImageSize);
    this.known.set(key, facts);
    return facts;
  }

  /** As {@link of}, for who needs many: other requests are answered before a network is built. */
  async inTurn(description: ArchitectureDescription, options: NetworkOptions): Promise<NetworkFacts> {
    if (!this.known.has(keyOf(description, options))) {
      await setTimeout(PAUSE_MILLISECONDS, undefined, { ref: false });
    }
    return this.of(description, options);
  }
}

function resizedAsUsual({ defaults }: ArchitectureDescription, options: NetworkOptions): NetworkOptions {
  return { ...options, minSize: defaults.minSize, maxSize: defaults.maxSize };
}

/** The same for equal options, whatever the order in which they were written. */
function keyOf(description: ArchitectureDescription, options: NetworkOptions): string {
  const relevant = resizedAsUsual(description, options);
  return `${description.name} ${JSON.stringify(relevant, Object.keys(relevant).sort())}`;
}
