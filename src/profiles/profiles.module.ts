import { Module } from '@nestjs/common';
import { HardwareModule } from '../hardware/hardware.module.js';
import { ProfileFilesRepository } from './profile-files.repository.js';
import { ProfileUpkeepService } from './profile-upkeep.service.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesRepository } from './profiles.repository.js';
import { ProfilesService } from './profiles.service.js';

@Module({
  imports: [HardwareModule],
  controllers: [ProfilesController],
  providers: [ProfilesService, ProfileUpkeepService, { provide: ProfilesRepository, useClass: ProfileFilesRepository }],
  exports: [ProfilesRepository],
})
export class ProfilesModule {}
