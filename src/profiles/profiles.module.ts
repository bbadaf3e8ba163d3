import { Module } from '@nestjs/common';
import { ProfileFilesRepository } from './profile-files.repository.js';
import { ProfilesController } from './profiles.controller.js';
import { ProfilesRepository } from './profiles.repository.js';
import { ProfilesService } from './profiles.service.js';

@Module({
  controllers: [ProfilesController],
  providers: [ProfilesService, { provide: ProfilesRepository, useClass: ProfileFilesRepository }],
  exports: [ProfilesRepository],
})
export class ProfilesModule {}
