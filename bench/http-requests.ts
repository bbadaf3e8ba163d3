import { untrainableReason } from '../src/engine/zoo/facts.js';
import { measuringRequest } from '../src/estimates/request/measuring-request.js';
import { decodeProfile } from '../src/profiles/profile.js';
import type { Workload } from '../src/profiles/workload.js';
import { workloadKey } from '../src/profiles/workload-key.js';
import type { Post } from './http-load.js';
import { seededRandom } from './seeded-random.js';

const PATH = '/api/v1/estimate-resource';

/** What a service is made to measure where there are no profiles: a network with a large graph and one of each task's others. */
const MEASURED: readonly {
  readonly architecture: string;
  readonly side: number;
  readonly batches: readonly number[];
}[] = [
  { architecture: 'resnet18', side: 128, batches: [1, 4] },
  { architecture: 'lraspp_mobilenet_v3_large', side: 160, batches: [2, 4] },
  { architecture: 'ssdlite320_mobilenet_v3_large', side: 320, batches: [2, 4] },
  { architecture: 'fasterrcnn_mobilenet_v3_large_320_fpn', side: 320, batches: [1, 2] },
];

/** Pixels by which sides grow, and images of a batch, of workloads that were not measured. */
const GROWTH = [8, 16, 24, 32, 40, 48, 56, 64];
const BATCHES = [1, 2, 3, 4, 5, 6];

const APPLICATIONS = ['training', 'inference'] as const;

/** Requests that make a service measure, as briefly as it can. */
export function measuringPosts(): readonly Post[] {
  return MEASURED.flatMap(({ architecture, side, batches }) =>
    APPLICATIONS.flatMap((application) =>
      batches.map((batch) => ({
        path: PATH,
        body: {
          architecture,
          application_type: application,
          batch_size: batch,
          image_size: [side, side],
          measure_max_steps: 12,
          measure_max_seconds: 1,
        },
      })),
    ),
  );
}

/** Workloads that a service has measured on its machine. */
export async function measuredWorkloads(url: string): Promise<readonly Workload[]> {
  const { profiles } = (await documentAt(`${url}/api/v1/profiles`)) as {
    readonly profiles: readonly { readonly of_this_machine: boolean; readonly href: string }[];
  };
  const workloads = new Map<string, Workload>();
  for (const { href } of profiles.filter((profile) => profile.of_this_machine)) {
    const { measurements } = decodeProfile(await documentAt(url + href), href);
    for (const { workload } of measurements) workloads.set(workloadKey(workload), workload);
  }
  return [...workloads.values()];
}

async function documentAt(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

/** Each with more images, one or as many as it takes: nothing of it is known but what follows from what was measured. */
export function neighboursOf(measured: readonly Workload[]): readonly Workload[] {
  const known = new Set(measured.map(workloadKey));
  return measured.map((workload) => {
    let neighbour = workload;
    do neighbour = { ...neighbour, batchSize: neighbour.batchSize + 1 };
    while (known.has(workloadKey(neighbour)));
    return neighbour;
  });
}

/**
 * Workloads of the architectures that were measured, of other batches and larger images, all different: whoever is asked for
 * them one after the other has built the graph of none.
 */
export function unseenWorkloads(measured: readonly Workload[], count: number, seed: number): readonly Workload[] {
  const random = seededRandom(seed);
  const variants = measured.flatMap((workload) =>
    GROWTH.flatMap((pixels) => BATCHES.map((batchSize) => ({ ...larger(workload, pixels), batchSize }))),
  );
  const known = new Set(measured.map(workloadKey));
  const unseen = new Map(variants.map((workload) => [workloadKey(workload), workload]));
  return [...unseen.values()]
    .filter((workload) => !known.has(workloadKey(workload)) && canBeTrained(workload))
    .map((workload) => ({ workload, place: random() }))
    .sort((one, other) => one.place - other.place)
    .slice(0, count)
    .map(({ workload }) => workload);
}

function canBeTrained({ architecture, applicationType, options, batchSize, imageSize }: Workload): boolean {
  return applicationType === 'inference' || untrainableReason(architecture, options, batchSize, imageSize) === null;
}

/** Larger, as candidates that fit into an image need not fit into a smaller one. */
function larger({ imageSize: [height, width], options, ...others }: Workload, pixels: number): Workload {
  const { minSize, maxSize } = options;
  const grown = minSize === null || maxSize === null ? {} : { minSize: minSize + pixels, maxSize: maxSize + pixels };
  return { ...others, options: { ...options, ...grown }, imageSize: [height + pixels, width + pixels] };
}

/** The request that means a workload, however it is to be answered. */
export function postOf(workload: Workload, source: 'measured' | 'predicted'): Post {
  return { path: PATH, body: { ...measuringRequest(workload), source } };
}
