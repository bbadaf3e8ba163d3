import { Problem } from '../../src/common/problem.js';
import { nameSeed } from '../../src/engine/synthetic/hash.js';
import { architectures } from '../../src/engine/zoo/catalogue.js';
import type { ArchitectureDescription, DetectionCounts } from '../../src/engine/zoo/description.js';
import { computedImageSize, untrainableReason } from '../../src/engine/zoo/facts.js';
import type { WorkloadDto } from '../../src/estimates/dto/workload.dto.js';
import { toNetwork } from '../../src/estimates/request/requested-network.js';
import { toWorkload } from '../../src/estimates/request/requested-workload.js';
import type { ApplicationType, RuntimeName, Workload } from '../../src/profiles/workload.js';
import { workloadKey } from '../../src/profiles/workload-key.js';
import { seededRandom } from '../seeded-random.js';
import { UsageError } from '../step-options.js';
import type { Plan } from './plans.js';

/** What is drawn is drawn again where it cannot be: a network that has no such workloads must not be drawn forever. */
const MOST_DRAWS = 10_000;
const BATCHES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
/** Height over width. */
const RATIOS = [1, 1, 3 / 4, 4 / 3];
/** Largest work of a batch over the smallest. */
const WORK_RANGE = 16;
const OBJECTS = [1, 4, 7, 14];
/** As shares of the defaults, as are detections. */
const CANDIDATES = [1 / 2, 1, 2, 4];
const DETECTIONS = [1 / 4, 1 / 2, 1];

const APPLICATIONS = ['training', 'inference'] as const satisfies readonly ApplicationType[];

export interface GridRule {
  /** The same gives the same grid. */
  readonly seed: number;
  /** Of each architecture, for training and for inference each. */
  readonly workloads: number;
  /** By default the built-in one. What is drawn is the same for each. */
  readonly runtime?: RuntimeName;
  /** Of the runtime. */
  readonly threads: number;
}

/**
 * Workloads to be measured, different from each other and in turns over the architectures, so that the first part of them is
 * a grid too. Few sizes, batches and counts are drawn from, so that the ends of their ranges are met by several workloads.
 * With fewer of each, or fewer architectures, they are some of those that there are with more.
 *
 * @throws UsageError where an architecture has not so many
 */
export function drawGrid(plans: readonly Plan[], { seed, ...rule }: GridRule): readonly Workload[] {
  const drawn = plans.flatMap((plan) =>
    APPLICATIONS.map((applicationType) => {
      const random = seededRandom(nameSeed(`${plan.architecture}/${applicationType}`, seed));
      return drawWorkloads(plan, applicationType, { random, ...rule });
    }),
  );
  return Array.from({ length: rule.workloads }, (_, turn) =>
    drawn.flatMap((ones) => ones.slice(turn, turn + 1)),
  ).flat();
}

interface Draws extends Omit<GridRule, 'seed'> {
  readonly random: () => number;
}

function drawWorkloads(
  plan: Plan,
  applicationType: ApplicationType,
  { random, workloads, threads, runtime }: Draws,
): readonly Workload[] {
  const description = architectures.get(plan.architecture);
  if (description === undefined) throw new UsageError(`there is no architecture "${plan.architecture}"`);
  const different = new Map<string, Workload>();
  for (let draw = 0; different.size < workloads; draw += 1) {
    if (draw === MOST_DRAWS) {
      throw new UsageError(`${plan.architecture} has not ${workloads} workloads of ${applicationType} to be drawn`);
    }
    const request = drawRequest(plan, description, applicationType, { random, runtime });
    const workload = request === null ? null : workloadOf(request, threads);
    if (workload !== null) different.set(workloadKey(workload), workload);
  }
  return [...different.values()];
}

function drawRequest(
  { architecture, sides, mostMegapixels, mostImages, positives }: Plan,
  description: ArchitectureDescription,
  applicationType: ApplicationType,
  { random, runtime }: Pick<Draws, 'random' | 'runtime'>,
): WorkloadDto | null {
  const chosen = <Value>(values: readonly Value[]): Value | undefined => values[Math.floor(random() * values.length)];
  const side = chosen(sides) ?? 0;
  const ratio = chosen(RATIOS) ?? 1;
  const longer = Math.round(side * Math.max(ratio, 1 / ratio));
  const imageSize: [number, number] = ratio > 1 ? [longer, side] : [side, longer];
  const resizing = description.defaults.minSize === null ? {} : { min_size: side, max_size: longer };
  const options = { ...description.defaults, ...(resizing.min_size && { minSize: side, maxSize: longer }) };
  const [height, width] = computedImageSize(architecture, options, imageSize);
  const most = (1e6 * mostMegapixels[applicationType]) / (height * width);
  const images = Math.min(most, mostImages?.[applicationType] ?? Infinity);
  const batch = chosen(BATCHES.filter((count) => count <= images && count * WORK_RANGE >= most));
  if (batch === undefined) return null;
  const { counts } = description;
  return {
    architecture,
    application_type: applicationType,
    batch_size: batch,
    image_size: imageSize,
    ...(runtime && { runtime }),
    ...resizing,
    ...(counts === null ? {} : drawCounts(counts, applicationType, positives, chosen)),
  };
}

function drawCounts(
  { defaults, maxPositivesPerImage }: DetectionCounts,
  applicationType: ApplicationType,
  positives: readonly number[],
  chosen: (values: readonly number[]) => number | undefined,
): Partial<WorkloadDto> {
  if (applicationType === 'training') {
    const objects = { objects_per_image: chosen(OBJECTS) };
    if (maxPositivesPerImage === null) return objects;
    return { ...objects, positives_per_image: Math.ceil(maxPositivesPerImage * (chosen(positives) ?? 1)) };
  }
  return {
    candidates_per_image: Math.ceil(defaults.candidatesPerImage * (chosen(CANDIDATES) ?? 1)),
    detections_per_image: Math.ceil(defaults.detectionsPerImage * (chosen(DETECTIONS) ?? 1)),
  };
}

/** Just as the service makes it of a request; null where it refuses it. */
function workloadOf(request: WorkloadDto, threads: number): Workload | null {
  try {
    const network = toNetwork(request);
    const { architecture, application_type: type, batch_size: batch, image_size: size } = request;
    const untrainable = type === 'training' && untrainableReason(architecture, network.options, batch, size) !== null;
    return untrainable ? null : toWorkload(request, network, threads);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}
