import { Body, Controller, HttpCode, Post, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { fitAnswerSchema } from './answers/fit.answer.js';
import { ApiPredictingProblems, ApiRequestProblems } from './api-estimate-problems.js';
import { EXAMPLES } from './api-examples.js';
import { EstimateFitDto } from './dto/estimate-fit.dto.js';
import { FitService } from './fit.service.js';
import { PredictingProblemInterceptor } from './predicting-problem.interceptor.js';

@ApiTags('estimates')
@ApiRequestProblems('or the workload cannot be trained as it is (`untrainable`: live batch norms over a single image).')
@ApiPredictingProblems()
@UseInterceptors(PredictingProblemInterceptor)
@Controller('api/v1')
export class FitController {
  constructor(private readonly fits: FitService) {}

  @Post('estimate-fit')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'estimateFit',
    summary: 'Whether a workload fits in memory, and the largest batch that does',
    description:
      'Nothing is run or measured: from a stored measurement of the workload, else predicted, else planned from its graph.',
  })
  @ApiBody({ type: EstimateFitDto, examples: { training: { value: EXAMPLES.fit } } })
  @ApiOkResponse({ description: 'The verdict, and what it rests on.', schema: fitAnswerSchema })
  fit(@Body() request: EstimateFitDto): Promise<unknown> {
    return this.fits.estimate(request);
  }
}
