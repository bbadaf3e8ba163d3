import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { DEFAULT_MEASURING_OPTIONS, MEASURING_OPTIONS } from '../../../src/profiling/measuring-options.js';
import { Settings } from '../../../src/config/settings.js';
import { settingsOf } from '../../fixtures/settings.js';
import { MeasuringService } from '../../../src/profiling/measuring.service.js';
import { ProfilingModule } from '../../../src/profiling/profiling.module.js';

@Global()
@Module({
  providers: [
    { provide: MEASURING_OPTIONS, useValue: DEFAULT_MEASURING_OPTIONS },
    { provide: Settings, useValue: settingsOf('unused') },
  ],
  exports: [MEASURING_OPTIONS, Settings],
})
class OptionsModule {}

describe('ProfilingModule', () => {
  it('gives the measuring service, with options from a global module', async () => {
    const module = await Test.createTestingModule({ imports: [OptionsModule, ProfilingModule] }).compile();
    await module.init();
    expect(module.get(MeasuringService)).toBeInstanceOf(MeasuringService);
    await module.close();
  });
});
