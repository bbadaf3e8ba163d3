import { Module } from '@nestjs/common';
import { HardwareModule } from '../hardware/hardware.module.js';
import { AccuracyController } from './accuracy.controller.js';
import { AccuracyService } from './accuracy.service.js';
import { LedgerFilesRepository } from './ledger-files.repository.js';
import { LedgerRepository } from './ledger.repository.js';
import { LedgerService } from './ledger.service.js';

@Module({
  imports: [HardwareModule],
  controllers: [AccuracyController],
  providers: [AccuracyService, LedgerService, { provide: LedgerRepository, useClass: LedgerFilesRepository }],
  exports: [LedgerService],
})
export class AccuracyModule {}
