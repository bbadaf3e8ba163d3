import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { HealthCheckResult } from '@nestjs/terminus';
import { ApiProblem } from '../common/api-problems.js';
import { ReadinessService } from './readiness.service.js';

@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  @Get('healthz')
  @ApiOperation({ operationId: 'isAlive', summary: 'Whether the service answers at all' })
  @ApiOkResponse({ description: 'It does.', schema: { example: { status: 'ok' } } })
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ operationId: 'isReady', summary: 'Whether measurements can be kept' })
  @ApiOkResponse({
    description: 'They can.',
    schema: {
      example: {
        status: 'ok',
        info: { profiles: { status: 'up' } },
        error: {},
        details: { profiles: { status: 'up' } },
      },
    },
  })
  @ApiProblem(503, 'The folder of profiles cannot be written (`not-ready`).')
  ready(): Promise<HealthCheckResult> {
    return this.readiness.check();
  }
}
