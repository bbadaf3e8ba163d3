import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HardwareService } from './hardware.service.js';
import { MachineDto } from './machine.dto.js';

@ApiTags('hardware')
@Controller('api/v1/hardware')
export class HardwareController {
  constructor(private readonly hardware: HardwareService) {}

  @Get()
  @ApiOperation({ summary: 'The machine that measurements are made on' })
  @ApiOkResponse({ type: MachineDto })
  async show(): Promise<MachineDto> {
    return new MachineDto(await this.hardware.machine(), this.hardware.availableMemoryBytes());
  }
}
