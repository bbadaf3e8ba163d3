import { Module } from '@nestjs/common';
import { HardwareController } from './hardware.controller.js';
import { HardwareService } from './hardware.service.js';

@Module({
  controllers: [HardwareController],
  providers: [HardwareService],
  exports: [HardwareService],
})
export class HardwareModule {}
