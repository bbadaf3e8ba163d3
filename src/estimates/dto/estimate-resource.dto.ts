import { IntegerField } from '../../common/fields.js';
import { DATASET_SIZES } from './limits.js';
import { MeasurableDto } from './measurable.dto.js';

/** Body of `POST /api/v1/estimate-resource`. */
export class EstimateResourceDto extends MeasurableDto {
  @IntegerField(DATASET_SIZES, {
    optional: true,
    description: 'Images of an epoch. Has no part in what a step needs and is only repeated in the answer.',
  })
  dataset_size?: number;
}
