import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ProfilesModule } from '../profiles/profiles.module.js';
import { HealthController } from './health.controller.js';
import { ReadinessService } from './readiness.service.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false }), ProfilesModule],
  controllers: [HealthController],
  providers: [ReadinessService],
})
export class HealthModule {}
