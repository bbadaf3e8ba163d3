import { ChoiceField, IntegerField, ObjectField } from '../../common/fields.js';
import { GivenTrainingResultsDto } from './given-results.dto.js';
import { DATASET_SIZES, EPOCHS } from './limits.js';
import { WorkloadDto } from './workload.dto.js';

/** A training with the number of images that an epoch goes through. */
export class TrainingDto extends WorkloadDto {
  @ChoiceField(['training'], { description: 'Only a training has a training time.', example: 'training' })
  override application_type!: 'training';

  @IntegerField(DATASET_SIZES, { description: 'Images of an epoch.', example: 5000 })
  dataset_size!: number;
}

/** Body of `POST /api/v1/estimate-training-time`, flat form: the step is measured. */
export class EstimateTrainingTimeDto extends TrainingDto {
  @IntegerField(EPOCHS, { description: 'How often training goes through the dataset.', example: 10 })
  epochs!: number;
}

/** Body of `POST /api/v1/estimate-training-time`, nested form: computed from a batch time already known. */
export class NestedTrainingTimeDto {
  @ObjectField(TrainingDto, { description: 'The request that the results answer.' })
  resource_estimation!: TrainingDto;

  @ObjectField(GivenTrainingResultsDto, { description: 'The answer to it. Nothing is measured.' })
  resource_estimation_results!: GivenTrainingResultsDto;

  @IntegerField(EPOCHS, { description: 'How often training goes through the dataset.', example: 10 })
  epochs!: number;
}
