import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { QueryPipe } from '../common/query.pipe.js';
import { traceSummaryCodec } from './step-trace.codec.js';
import { TraceQuery } from './trace.query.js';
import { type MeasurementAddress, TracesService } from './traces.service.js';

@ApiTags('profiles')
@Controller('api/v1/profiles/:machine/:architecture/measurements/:id/trace')
export class TracesController {
  constructor(private readonly traces: TracesService) {}

  @Get()
  @ApiOperation({
    operationId: 'getTrace',
    summary: 'Who took the time and memory of a measured step',
    description:
      'Time and memory by phase, kind of operator and module, and the curve of memory, of one step under the trace of the runtime. ' +
      'With `?format=chrome` a time line of the step: a track for each phase, in it the modules with their operators, and the memory in use.',
  })
  @ApiParam({ name: 'machine', description: "The machine's id, as in /api/v1/hardware." })
  @ApiParam({ name: 'architecture', example: 'ssdlite320_mobilenet_v3_large' })
  @ApiParam({ name: 'id', description: "The measurement's id, as in the profile." })
  @ApiOkResponse({
    description: "The summary; or a file in Chrome's trace event format (`traceEvents`, in microseconds).",
    schema: {
      oneOf: [
        traceSummaryCodec.schema,
        {
          type: 'object',
          required: ['traceEvents'],
          properties: { traceEvents: { type: 'array', items: { type: 'object' } } },
        },
      ],
    },
  })
  @ApiProblem(
    404,
    'There is no such measurement, or it has no trace: imported, made by an earlier version, or the trace could not be kept.',
  )
  @ApiProblem(500, 'The file of the profile cannot be read.')
  @ApiProblem(422, 'There is no such format, or no such parameter.')
  get(
    @Param() address: MeasurementAddress,
    @Query(new QueryPipe(TraceQuery)) { format }: TraceQuery,
  ): Promise<unknown> {
    return this.traces.get(address, format);
  }
}
