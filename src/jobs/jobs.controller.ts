import { Controller, Delete, Get, Header, Headers, HttpCode, Param, Res, StreamableFile } from '@nestjs/common';
import {
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblem } from '../common/api-problems.js';
import { jobViewCodec } from './job.codec.js';
import { JobsService } from './jobs.service.js';

const EVENT_STREAM = 'text/event-stream';
const UNKNOWN = 'There is no job of this id, or it was over long ago (`unknown-job`).';

@ApiTags('jobs')
@Controller('api/v1/jobs')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Get()
  @ApiOperation({
    operationId: 'listJobs',
    summary: 'Measurements that wait, run or are over',
    description:
      'Those that are not over in the order of their turns, then the last that are, latest first. They survive a restart of the service.',
  })
  @ApiOkResponse({
    description: 'The jobs.',
    schema: { type: 'object', required: ['jobs'], properties: { jobs: { type: 'array', items: jobViewCodec.schema } } },
  })
  list(): unknown {
    return this.jobs.list();
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getJob',
    summary: 'One job',
    description:
      'Once it has succeeded, `profile` is where its measurement is, and the request that it was made for is answered at once.',
  })
  @ApiParam({ name: 'id' })
  @ApiOkResponse({ description: 'The job as it is now.', schema: jobViewCodec.schema })
  @ApiProblem(404, UNKNOWN)
  get(@Param('id') id: string): unknown {
    return this.jobs.get(id);
  }

  @Get(':id/events')
  @Header('Content-Type', EVENT_STREAM)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    operationId: 'getJobEvents',
    summary: 'The changes of a job, as server-sent events',
    description:
      'First the job as it is now, then each change as an event `progress`, at last an event `end`, after which the stream ends. The data of each is the whole job; steps that follow one another quickly are told together. It ends without `end` when the service closes: connect again.',
  })
  @ApiParam({ name: 'id' })
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Sent by browsers when they connect again.' })
  @ApiProduces(EVENT_STREAM)
  @ApiOkResponse({ description: 'The events.', content: { [EVENT_STREAM]: { schema: { type: 'string' } } } })
  @ApiNoContentResponse({ description: 'All events were seen (`Last-Event-ID: end`): there is no need to come again.' })
  @ApiProblem(404, UNKNOWN)
  @ApiProblem(503, 'Too many streams are open (`too-many-streams`, with `Retry-After`).')
  events(
    @Param('id') id: string,
    @Headers('last-event-id') lastSeen: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): StreamableFile | undefined {
    const events = this.jobs.events(id, lastSeen);
    if (events !== null) return new StreamableFile(events, { type: EVENT_STREAM });
    reply.status(204).removeHeader('content-type');
    return undefined;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'cancelJob',
    summary: 'Cancel a job that is queued or running',
    description:
      'Whoever waits for it is answered with a problem (`measuring-cancelled`). To cancel it again changes nothing, and is no error.',
  })
  @ApiParam({ name: 'id' })
  @ApiNoContentResponse({ description: 'It is cancelled.' })
  @ApiProblem(404, UNKNOWN)
  @ApiProblem(
    507,
    'It is cancelled, but there was no room to write that, and it would be taken up again at the next start (`storage-full`). Where it may not be written (`storage-read-only`) it is 503, else 500 (`storage-failed`). Sent again, the request writes it again.',
  )
  @ApiProblem(409, 'It has succeeded or failed already (`job-over`).')
  cancel(@Param('id') id: string): Promise<void> {
    return this.jobs.cancel(id);
  }
}
