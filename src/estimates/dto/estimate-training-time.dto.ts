import { ChoiceField, FlagField, IntegerField, NumberField, ObjectField, QuantityField } from '../../common/fields.js';
import { GivenTrainingResultsDto } from './given-results.dto.js';
import { DATASET_SIZES, EPOCHS, LOADING_RATES, SHARES } from './limits.js';
import { MeasurableDto } from './measurable.dto.js';

/** A training with the number of images that an epoch goes through. */
export class TrainingDto extends MeasurableDto {
  @ChoiceField(['training'], { description: 'Only a training has a training time.', example: 'training' })
  override application_type!: 'training';

  @IntegerField(DATASET_SIZES, { description: 'Images of an epoch.', example: 5000 })
  dataset_size!: number;
}

/** Body of `POST /api/v1/estimate-training-time`, flat form: the step is found, and what else a training does is given. */
export class EstimateTrainingTimeDto extends TrainingDto {
  @IntegerField(EPOCHS, { description: 'How often training goes through the dataset.', example: 10 })
  epochs!: number;

  @QuantityField({ optional: true, description: 'Seconds to load an image and to prepare it, all workers together.' })
  data_loading_seconds_per_image?: number;

  @NumberField(LOADING_RATES, {
    optional: true,
    description: 'The same as a rate: images that all workers together load and prepare in a second.',
  })
  data_loading_images_per_second?: number;

  @FlagField({
    optional: true,
    default: true,
    description:
      'Whether images are loaded while others are computed: then only what loading takes longer than computing counts; else both add up. With a rate of loading only.',
  })
  data_loading_overlaps?: boolean;

  @IntegerField(DATASET_SIZES, {
    optional: true,
    description:
      'Images of a validation pass: inferences of batches of the same size, beside the images of `dataset_size`. Their time is found as that of the step is.',
  })
  validation_dataset_size?: number;

  @NumberField(SHARES, {
    optional: true,
    description:
      'The same as a share of `dataset_size`, rounded up to whole images. Of 0 the line takes no time, and no inference is measured or predicted.',
  })
  validation_share?: number;

  @IntegerField(EPOCHS, {
    optional: true,
    default: 1,
    description:
      'A validation pass after each so many epochs; none where there are fewer. With validation images only.',
  })
  validation_every_epochs?: number;

  @QuantityField({ optional: true, description: 'Seconds that writing a checkpoint holds the training up.' })
  checkpoint_seconds?: number;

  @IntegerField(EPOCHS, {
    optional: true,
    default: 1,
    description: 'A checkpoint after each so many epochs. With `checkpoint_seconds` only.',
  })
  checkpoint_every_epochs?: number;

  @QuantityField({
    optional: true,
    description: 'Seconds once, before the first step: starting, building the network, first slow steps.',
  })
  warmup_seconds?: number;
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
