import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problems.js';
import { accuracyCodec } from './accuracy.codec.js';
import { AccuracyService } from './accuracy.service.js';

@ApiTags('accuracy')
@Controller('api/v1/accuracy')
export class AccuracyController {
  constructor(private readonly accuracy: AccuracyService) {}

  @Get()
  @ApiOperation({
    operationId: 'getAccuracy',
    summary: 'How far predictions were from what was measured then',
    description:
      'Whenever something is measured that could be predicted, both are compared. A workload that was measured before does not count.',
  })
  @ApiOkResponse({ description: 'Errors and how often intervals held, on this machine.', schema: accuracyCodec.schema })
  @ApiProblem(500, 'What was compared cannot be read from the disk (`storage-failed`).')
  get(): Promise<unknown> {
    return this.accuracy.get();
  }
}
