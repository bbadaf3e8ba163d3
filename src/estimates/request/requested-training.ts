import { jsonPointer } from '../../common/json-pointer.js';
import { invalidRequest } from '../../common/problem.js';
import type { EstimateTrainingTimeDto } from '../dto/estimate-training-time.dto.js';
import type { DataLoading, TrainingPlan } from '../training-plan.js';

interface Mistake {
  readonly field: keyof EstimateTrainingTimeDto;
  readonly detail: string;
}

/** The whole training that a request means. @throws Problem 422 for fields that contradict each other */
export function toTrainingPlan(dto: EstimateTrainingTimeDto): TrainingPlan {
  const wrong = [...bothOf(dto), ...withoutTheirs(dto)];
  if (wrong.length > 0) {
    throw invalidRequest(wrong.map(({ field, detail }) => ({ pointer: jsonPointer([field]), detail })));
  }
  const { batch_size: batchSize, dataset_size: datasetSize, epochs } = dto;
  const validated =
    dto.validation_dataset_size ??
    (dto.validation_share === undefined ? undefined : shareOf(dto.validation_share, datasetSize));
  return {
    batchSize,
    datasetSize,
    epochs,
    loading: loadingOf(dto),
    validation:
      validated === undefined
        ? null
        : { images: validated, passes: Math.floor(epochs / (dto.validation_every_epochs ?? 1)) },
    checkpoints:
      dto.checkpoint_seconds === undefined
        ? null
        : { secondsEach: dto.checkpoint_seconds, count: Math.floor(epochs / (dto.checkpoint_every_epochs ?? 1)) },
    warmupSeconds: dto.warmup_seconds ?? null,
  };
}

/** Rounded up, but not for the last digits of a product of doubles: 0.07 of 100 are 7, and not 7.000000000000001. */
function shareOf(share: number, images: number): number {
  return Math.ceil(Number((share * images).toPrecision(12)));
}

function loadingOf({
  data_loading_seconds_per_image: seconds,
  data_loading_images_per_second: rate,
  data_loading_overlaps: overlaps = true,
}: EstimateTrainingTimeDto): DataLoading | null {
  if (seconds !== undefined) return { secondsPerImage: seconds, overlaps };
  return rate === undefined ? null : { secondsPerImage: 1 / rate, overlaps };
}

/** Two fields that say the same in different ways. */
function bothOf(dto: EstimateTrainingTimeDto): Mistake[] {
  const pairs = [
    ['data_loading_images_per_second', 'data_loading_seconds_per_image'],
    ['validation_share', 'validation_dataset_size'],
  ] as const;
  return pairs.flatMap(([field, other]) =>
    dto[field] === undefined || dto[other] === undefined
      ? []
      : [{ field, detail: `says the same as ${other} in another way: leave out one of them.` }],
  );
}

/** Fields that say how something is done of which nothing was said. */
function withoutTheirs(dto: EstimateTrainingTimeDto): Mistake[] {
  const needed = [
    ['data_loading_overlaps', ['data_loading_seconds_per_image', 'data_loading_images_per_second']],
    ['validation_every_epochs', ['validation_dataset_size', 'validation_share']],
    ['checkpoint_every_epochs', ['checkpoint_seconds']],
  ] as const;
  return needed.flatMap(([field, others]) =>
    dto[field] === undefined || others.some((other) => dto[other] !== undefined)
      ? []
      : [{ field, detail: `means nothing without ${others.join(' or ')}: give that too, or leave it out.` }],
  );
}
