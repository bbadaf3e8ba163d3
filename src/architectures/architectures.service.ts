import { Injectable } from '@nestjs/common';
import { architectures } from '../engine/zoo/catalogue.js';
import { ArchitectureFactsService } from './architecture-facts.service.js';
import { architectureSummaryCodec, summarise } from './architecture-summary.js';

/** What the catalogue's endpoint answers. */
@Injectable()
export class ArchitecturesService {
  constructor(private readonly facts: ArchitectureFactsService) {}

  list(): { architectures: unknown[] } {
    const summaries = [...architectures.values()].map((description) =>
      summarise(description, (options) => this.facts.of(description, options)),
    );
    return { architectures: summaries.map((summary) => architectureSummaryCodec.encode(summary)) };
  }
}
