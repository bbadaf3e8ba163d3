import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { architectures } from '../engine/zoo/catalogue.js';
import type { ArchitectureDescription, Task } from '../engine/zoo/description.js';
import { ArchitectureFactsService } from './architecture-facts.service.js';
import { architectureSummaryCodec } from './architecture-summary.codec.js';
import { summarise } from './architecture-summary.js';
import { unknownArchitecture } from './unknown-architecture.js';

/** What the catalogue's endpoints answer. */
@Injectable()
export class ArchitecturesService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ArchitecturesService.name);
  private closing = false;

  constructor(private readonly facts: ArchitectureFactsService) {}

  /** Counts all networks while nobody waits for them, so that the first who asks does not have to. */
  onApplicationBootstrap(): void {
    this.countAll().catch((error: unknown) => {
      this.logger.error(error instanceof Error ? error : new Error(String(error)));
    });
  }

  onApplicationShutdown(): void {
    this.closing = true;
  }

  async list(task: Task | undefined): Promise<{ architectures: unknown[] }> {
    const wanted = [...architectures.values()].filter((description) => task === undefined || description.task === task);
    const summaries: unknown[] = [];
    for (const description of wanted) {
      summaries.push(await this.summary(description));
    }
    return { architectures: summaries };
  }

  /** @throws Problem 404 */
  async get(name: string): Promise<unknown> {
    const description = architectures.get(name);
    if (description === undefined) {
      throw unknownArchitecture(name, null);
    }
    return this.summary(description);
  }

  private async countAll(): Promise<void> {
    for (const description of architectures.values()) {
      if (this.closing) return;
      await this.summary(description);
    }
  }

  private async summary(description: ArchitectureDescription): Promise<unknown> {
    const summary = await summarise(description, (options) => this.facts.inTurn(description, options));
    return architectureSummaryCodec.encode(summary);
  }
}
