import { ChoiceField, ObjectField } from '../../common/fields.js';
import { EstimateResourceDto } from './estimate-resource.dto.js';
import { GivenResultsDto } from './given-results.dto.js';

/** Body of `POST /api/v1/estimate-inference-time`, flat form: batches of the given size and of one are measured. */
export class EstimateInferenceTimeDto extends EstimateResourceDto {
  @ChoiceField(['inference'], { description: 'Only an inference has an inference time.', example: 'inference' })
  override application_type!: 'inference';
}

/** Body of `POST /api/v1/estimate-inference-time`, nested form: computed from a batch time already known. */
export class NestedInferenceTimeDto {
  @ObjectField(EstimateInferenceTimeDto, { description: 'The request that the results answer.' })
  resource_estimation!: EstimateInferenceTimeDto;

  @ObjectField(GivenResultsDto, { description: 'The answer to it. Nothing is measured.' })
  resource_estimation_results!: GivenResultsDto;
}
