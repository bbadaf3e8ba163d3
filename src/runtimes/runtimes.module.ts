import { Module } from '@nestjs/common';
import { RuntimesService } from './runtimes.service.js';

/** Needs `Settings` from a global module. */
@Module({ providers: [RuntimesService], exports: [RuntimesService] })
export class RuntimesModule {}
