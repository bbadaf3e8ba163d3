import { Module } from '@nestjs/common';
import { ProfileFilesRepository } from './profile-files.repository.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesRepository } from './profiles.repository.js';
import { ProfilesService } from './profiles.service.js';
import { TracesController } from './traces.controller.js';
import { TracesService } from './traces.service.js';

@Module({
  controllers: [ProfilesController, TracesController],
  providers: [ProfilesService, TracesService, { provide: ProfilesRepository, useClass: ProfileFilesRepository }],
  exports: [ProfilesRepository],
})
export class ProfilesModule {}
