import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { QueryPipe } from '../common/query.pipe.js';
import { architectureSummaryCodec } from './architecture-summary.codec.js';
import { ArchitecturesService } from './architectures.service.js';
import { ListArchitecturesQuery } from './list-architectures.query.js';

@ApiTags('architectures')
@Controller('api/v1/architectures')
export class ArchitecturesController {
  constructor(private readonly architectures: ArchitecturesService) {}

  @Get()
  @ApiOperation({
    operationId: 'listArchitectures',
    summary: 'The networks that can be measured',
    description:
      'What each comes to by count, and which fields a request can set for it: within which limits, and what they are when left out.',
  })
  @ApiOkResponse({
    description: 'Every architecture, or those for one task.',
    schema: {
      type: 'object',
      required: ['architectures'],
      properties: { architectures: { type: 'array', items: architectureSummaryCodec.schema } },
    },
  })
  @ApiProblem(422, 'There is no such task, or no such parameter.')
  list(@Query(new QueryPipe(ListArchitecturesQuery)) { task }: ListArchitecturesQuery): Promise<unknown> {
    return this.architectures.list(task);
  }

  @Get(':name')
  @ApiOperation({ operationId: 'getArchitecture', summary: 'One of the networks that can be measured' })
  @ApiParam({ name: 'name', description: "torchvision's name.", example: 'ssdlite320_mobilenet_v3_large' })
  @ApiOkResponse({ description: 'The architecture.', schema: architectureSummaryCodec.schema })
  @ApiProblem(404, 'The architecture is not known. `nearest` has the names that were probably meant.')
  get(@Param('name') name: string): Promise<unknown> {
    return this.architectures.get(name);
  }
}
