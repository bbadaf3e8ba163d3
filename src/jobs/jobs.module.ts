import { Module } from '@nestjs/common';
import { AccuracyModule } from '../accuracy/accuracy.module.js';
import { HardwareModule } from '../hardware/hardware.module.js';
import { PredictingModule } from '../predicting/predicting.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { ProfilingModule } from '../profiling/profiling.module.js';
import { JobFilesRepository } from './job-files.repository.js';
import { JobQueue } from './job-queue.service.js';
import { JobsController } from './jobs.controller.js';
import { JobsRepository } from './jobs.repository.js';
import { JobsService } from './jobs.service.js';
import { MeasurementMaker } from './measurement-maker.service.js';

@Module({
  imports: [AccuracyModule, HardwareModule, PredictingModule, ProfilesModule, ProfilingModule],
  controllers: [JobsController],
  providers: [JobQueue, JobsService, MeasurementMaker, { provide: JobsRepository, useClass: JobFilesRepository }],
  exports: [JobQueue, JobsService],
})
export class JobsModule {}
