import { Module } from '@nestjs/common';
import { HardwareModule } from '../hardware/hardware.module.js';
import { ProfileFilesRepository } from './profile-files.repository.js';
import { ProfileUpkeepService } from './profile-upkeep.service.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesRepository } from './profiles.repository.js';
import { ProfilesService } from './profiles.service.js';
import { TracesController } from './traces.controller.js';
import { TracesService } from './traces.service.js';

@Module({
  imports: [HardwareModule],
  controllers: [ProfilesController, TracesController],
  providers: [
    ProfilesService,
    ProfileUpkeepService,
    TracesService,
    { provide: ProfilesRepository, useClass: ProfileFilesRepository },
  ],
  exports: [ProfilesRepository],
})
export class ProfilesModule {}
