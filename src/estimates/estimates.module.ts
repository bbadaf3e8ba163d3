import { Module } from '@nestjs/common';
import { ArchitecturesModule } from '../architectures/architectures.module.js';
import { HardwareModule } from '../hardware/hardware.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { PredictingModule } from '../predicting/predicting.module.js';
import { RuntimesModule } from '../runtimes/runtimes.module.js';
import { EstimateRequests } from './estimate-requests.service.js';
import { EstimatesController } from './estimates.controller.js';
import { EstimatesService } from './estimates.service.js';
import { FitController } from './fit.controller.js';
import { FitService } from './fit.service.js';
import { MeasuredWorkloadsService } from './measured-workloads.service.js';
import { TrainabilityService } from './trainability.service.js';
import { TrainingTimeService } from './training-time.service.js';
import { WorkloadFiguresService } from './workload-figures.service.js';

@Module({
  imports: [ArchitecturesModule, HardwareModule, JobsModule, PredictingModule, ProfilesModule, RuntimesModule],
  controllers: [EstimatesController, FitController],
  providers: [
    EstimateRequests,
    EstimatesService,
    FitService,
    MeasuredWorkloadsService,
    TrainabilityService,
    TrainingTimeService,
    WorkloadFiguresService,
  ],
})
export class EstimatesModule {}
