import { Module } from '@nestjs/common';
import { HardwareModule } from '../hardware/hardware.module.js';
import { CHILD_PROGRAM, MEASURING_PROGRAM } from './child-program.js';
import { MeasuringService } from './measuring.service.js';

/** Needs `MEASURING_OPTIONS` from a global module. */
@Module({
  imports: [HardwareModule],
  providers: [MeasuringService, { provide: CHILD_PROGRAM, useValue: MEASURING_PROGRAM }],
  exports: [MeasuringService],
})
export class ProfilingModule {}
