import { Module } from '@nestjs/common';
import { ArchitectureFactsService } from './architecture-facts.service.js';
import { ArchitecturesController } from './architectures.controller.js';
import { ArchitecturesService } from './architectures.service.js';

@Module({
  controllers: [ArchitecturesController],
  providers: [ArchitectureFactsService, ArchitecturesService],
  exports: [ArchitectureFactsService],
})
export class ArchitecturesModule {}
