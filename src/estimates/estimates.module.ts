import { Module } from '@nestjs/common';
import { ArchitecturesModule } from '../architectures/architectures.module.js';
import { HardwareModule } from '../hardware/hardware.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { EstimatesController } from './estimates.controller.js';
import { EstimatesService } from './estimates.service.js';
import { MeasuredWorkloadsService } from './measured-workloads.service.js';

@Module({
  imports: [ArchitecturesModule, HardwareModule, JobsModule, ProfilesModule],
  controllers: [EstimatesController],
  providers: [EstimatesService, MeasuredWorkloadsService],
})
export class EstimatesModule {}
