import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { architectureSummaryCodec } from './architecture-summary.js';
import { ArchitecturesService } from './architectures.service.js';

@ApiTags('architectures')
@Controller('api/v1/architectures')
export class ArchitecturesController {
  constructor(private readonly architectures: ArchitecturesService) {}

  @Get()
  @ApiOperation({
    operationId: 'listArchitectures',
    summary: 'The networks that can be measured',
    description: 'Their options with the defaults, how they resize what they are given, and what they cost by count.',
  })
  @ApiOkResponse({
    description: 'Every architecture.',
    schema: {
      type: 'object',
      required: ['architectures'],
      properties: { architectures: { type: 'array', items: architectureSummaryCodec.schema } },
    },
  })
  list(): unknown {
    return this.architectures.list();
  }
}
