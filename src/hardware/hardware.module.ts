import { Module } from '@nestjs/common';
import { HardwareController } from './hardware.controller.js';
import { RuntimesModule } from '../runtimes/runtimes.module.js';
import { HardwareService } from './hardware.service.js';

@Module({
  imports: [RuntimesModule],
  controllers: [HardwareController],
  providers: [HardwareService],
  exports: [HardwareService],
})
export class HardwareModule {}
