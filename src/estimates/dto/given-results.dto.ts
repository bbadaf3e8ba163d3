import {
  ChoiceField,
  DeviceField,
  FlagField,
  ImageSizeField,
  IntegerField,
  NameField,
  ObjectField,
  QuantityField,
} from '../../common/fields.js';
import { OpenObject } from '../../common/open-object.js';
import { type Device, type Precision, PRECISIONS, type RuntimeName, RUNTIMES } from '../../profiles/workload.js';
import { BATCH_SIZES, IMAGE_SIDES } from './limits.js';

/** `"Batch Time"` of an answer of `/api/v1/estimate-resource`. */
@OpenObject()
export class GivenBatchTimeDto {
  @QuantityField({ description: 'Seconds.', example: 0.21 })
  forward_pass!: number;

  @QuantityField({
    optional: true,
    nullable: true,
    description: 'Seconds, the optimizer included. Null or left out for inference.',
    example: 0.47,
  })
  backward_pass?: number | null;
}

/** `"Batch Time"` of a training. */
@OpenObject()
export class GivenTrainingBatchTimeDto extends GivenBatchTimeDto {
  @QuantityField({ description: 'Seconds, the optimizer included.', example: 0.47 })
  override backward_pass!: number;
}

/** What a given answer says that it is of. */
@OpenObject()
export class GivenWorkloadDto {
  @NameField({ optional: true, maxLength: 200, description: 'The network.', example: 'ssdlite320_mobilenet_v3_large' })
  architecture?: string;

  @ChoiceField(['training', 'inference'], { optional: true, description: 'What was done with it.' })
  application_type?: 'training' | 'inference';

  @IntegerField(BATCH_SIZES, { optional: true, description: 'Images computed at once.', example: 8 })
  batch_size?: number;

  @ImageSizeField(IMAGE_SIDES, { optional: true, description: '`[height, width]` in pixels.', example: [320, 320] })
  image_size?: [number, number];

  @ChoiceField(RUNTIMES, { optional: true, description: 'What executed it.' })
  runtime?: RuntimeName;

  @DeviceField({ optional: true, description: 'On what.' })
  device?: Device;

  @ChoiceField(PRECISIONS, { optional: true, description: 'In which precision.' })
  precision?: Precision;
}

/** How far the times of a given answer can be trusted. */
@OpenObject()
export class GivenTimesDto {
  @FlagField({ optional: true, description: 'As in the answer: whether the times had come to rest.' })
  stable?: boolean;
}

/** An answer of `/api/v1/estimate-resource`, given back: as a whole, or no more of it than is needed. */
@OpenObject()
export class GivenResultsDto {
  @ObjectField(GivenWorkloadDto, {
    optional: true,
    description: 'As in the answer; refused where it is not that of the request.',
  })
  workload?: GivenWorkloadDto;

  @ObjectField(GivenTimesDto, {
    optional: true,
    description: 'As in the answer; there is a warning where they were not stable.',
  })
  times?: GivenTimesDto;

  @ObjectField(GivenBatchTimeDto, { description: 'Times of one batch.' })
  'Batch Time'!: GivenBatchTimeDto;

  @QuantityField({ optional: true, nullable: true, description: 'Bytes. Not needed.' })
  'Peak GPU Memory'?: number | null;

  @QuantityField({ optional: true, nullable: true, description: 'Percent. Not needed.' })
  'Peak GPU Utilization'?: number | null;

  @QuantityField({ optional: true, nullable: true, description: 'Bytes. Not needed.' })
  'Peak RAM Memory'?: number | null;

  @QuantityField({ optional: true, nullable: true, description: 'Percent. Not needed.' })
  'Peak CPU Utilization'?: number | null;

  @QuantityField({ optional: true, nullable: true, description: 'Bytes. Not needed.' })
  'RAM before training'?: number | null;

  @QuantityField({ optional: true, nullable: true, description: 'Bytes. Not needed.' })
  'VRAM before training'?: number | null;
}

/** As {@link GivenResultsDto}, of a training. */
@OpenObject()
export class GivenTrainingResultsDto extends GivenResultsDto {
  @ObjectField(GivenTrainingBatchTimeDto, { description: 'Times of one batch.' })
  override 'Batch Time'!: GivenTrainingBatchTimeDto;
}
