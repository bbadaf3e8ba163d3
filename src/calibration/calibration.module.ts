import { Global, Module } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { SettingsModule } from '../config/settings.module.js';
import { HardwareModule } from '../hardware/hardware.module.js';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { DEFAULT_MEASURING_OPTIONS, MEASURING_OPTIONS, type MeasuringOptions } from '../profiling/measuring-options.js';
import { ProfilingModule } from '../profiling/profiling.module.js';
import { Calibrator } from './calibrator.service.js';

/** What measures and keeps, without the service around it. Global for the options that it hands to profiling. */
@Global()
@Module({
  imports: [SettingsModule, HardwareModule, ProfilesModule, ProfilingModule],
  providers: [
    Calibrator,
    {
      provide: MEASURING_OPTIONS,
      inject: [Settings],
      useFactory: ({ measuring, python }: Settings): MeasuringOptions => ({
        ...DEFAULT_MEASURING_OPTIONS,
        ...measuring,
        python,
      }),
    },
  ],
  exports: [MEASURING_OPTIONS],
})
export class CalibrationModule {}
