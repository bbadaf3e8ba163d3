import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HardwareService } from './hardware.service.js';
import { runtimeStatesCodec } from '../runtimes/runtime-state.js';
import { availableMemoryCodec, gpuReadingsCodec, machineCodec } from './machine.codec.js';

@ApiTags('hardware')
@Controller('api/v1/hardware')
export class HardwareController {
  constructor(private readonly hardware: HardwareService) {}

  @Get()
  @ApiOperation({
    operationId: 'getHardware',
    summary: 'The machine that measurements are made on',
    description:
      'Its inventory, taken once at the start, the memory available now, what the GPUs are doing now, and what can execute networks. Whether PyTorch can is looked at with the first question for it, which takes some seconds.',
  })
  @ApiOkResponse({
    description: 'The machine. Memory in bytes.',
    schema: {
      allOf: [
        machineCodec.schema,
        {
          type: 'object',
          required: ['available_memory_bytes', 'gpu_readings', 'runtimes'],
          properties: {
            available_memory_bytes: availableMemoryCodec.schema,
            gpu_readings: gpuReadingsCodec.schema,
            runtimes: runtimeStatesCodec.schema,
          },
        },
      ],
    },
  })
  show(): Promise<unknown> {
    return this.hardware.describe();
  }
}
