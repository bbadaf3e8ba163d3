import { Module } from '@nestjs/common';
import { HardwareModule } from '../hardware/hardware.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { Predictions } from './predictions.js';
import { PredictionsService } from './predictions.service.js';
import { PREDICTING_PROGRAM, THREAD_PROGRAM } from './thread-program.js';

@Module({
  imports: [HardwareModule, ProfilesModule],
  providers: [
    { provide: Predictions, useClass: PredictionsService },
    { provide: THREAD_PROGRAM, useValue: PREDICTING_PROGRAM },
  ],
  exports: [Predictions],
})
export class PredictingModule {}
