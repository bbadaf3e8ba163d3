import { Global, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { AccuracyModule } from './accuracy/accuracy.module.js';
import { ArchitecturesModule } from './architectures/architectures.module.js';
import { loggerOptions } from './common/logger-options.js';
import { Settings } from './config/settings.js';
import { SettingsModule } from './config/settings.module.js';
import { EstimatesModule } from './estimates/estimates.module.js';
import { HardwareModule } from './hardware/hardware.module.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { ProfilesModule } from './profiles/profiles.module.js';
import { DEFAULT_MEASURING_OPTIONS, MEASURING_OPTIONS, type MeasuringOptions } from './profiling/measuring-options.js';

/** The whole service. Global for the options that it hands from the settings to profiling. */
@Global()
@Module({
  imports: [
    SettingsModule,
    LoggerModule.forRootAsync({
      inject: [Settings],
      useFactory: ({ logLevel }: Settings) => loggerOptions(logLevel),
    }),
    AccuracyModule,
    ArchitecturesModule,
    EstimatesModule,
    HardwareModule,
    HealthModule,
    JobsModule,
    ProfilesModule,
  ],
  providers: [
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
export class AppModule {}
