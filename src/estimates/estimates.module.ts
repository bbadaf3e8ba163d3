import { Module } from '@nestjs/common';
import { ArchitecturesModule } from '../architectures/architectures.module.js';
import { HardwareModule } from '../hardware/hardware.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { ProfilingModule } from '../profiling/profiling.module.js';
import { EstimatesController } from './estimates.controller.js';
import { EstimatesService } from './estimates.service.js';
import { MeasuredWorkloadsService } from './measured-workloads.service.js';

@Module({
  imports: [ArchitecturesModule, HardwareModule, ProfilesModule, ProfilingModule],
  controllers: [EstimatesController],
  providers: [EstimatesService, MeasuredWorkloadsService],
})
export class EstimatesModule {}
