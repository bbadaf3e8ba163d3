import { buildInferenceGraph } from '../../src/engine/training/inference-graph.js';
import { architectureNamed, architectures } from '../../src/engine/zoo/catalogue.js';
import type { ArchitectureDescription, DetectionCounts } from '../../src/engine/zoo/description.js';
import { PlantingError } from '../../src/engine/zoo/detection/planting.js';
import type { WorkloadDto } from '../../src/estimates/dto/workload.dto.js';
import { toNetwork } from '../../src/estimates/request/requested-network.js';
import { toWorkload } from '../../src/estimates/request/requested-workload.js';
import type { Workload } from '../../src/profiles/workload.js';

type Fields = Partial<WorkloadDto>;

const SMALLEST = { min_size: 64, max_size: 64 };
const RESIZED: readonly (readonly [string, Fields])[] = [
  ['the smallest size', SMALLEST],
  ['the smallest size of a narrow image', { ...SMALLEST, image_size: [1024, 16] }],
  ['a size whose maps have odd sides', { min_size: 200, max_size: 300, image_size: [200, 300] }],
];

function casesOf({ defaults }: ArchitectureDescription): readonly (readonly [number, string, Fields])[] {
  const sizes = [['the default size', {}] as const, ...(defaults.minSize === null ? [] : RESIZED)];
  return sizes.flatMap(([size, fields]) =>
    [2, 91].map((classes) => [classes, size, { ...fields, num_classes: classes }] as const),
  );
}

const DETECTORS = [...architectures.values()].flatMap((description) =>
  description.counts === null ? [] : [[description.name, description, description.counts] as const],
);

function build({
  architecture,
  options,
  batchSize,
  imageSize,
  candidatesPerImage,
  detectionsPerImage,
}: Workload): void {
  const planted = { candidatesPerImage: candidatesPerImage ?? NaN, detectionsPerImage: detectionsPerImage ?? NaN };
  buildInferenceGraph(architectureNamed(architecture), options, batchSize, imageSize, planted);
}

describe.each(DETECTORS)('the counts of %s', (architecture, description, counts: DetectionCounts) => {
  describe.each(casesOf(description))('with %d classes at %s', (_classes, _size, fields) => {
    const request = (more: Fields = {}): WorkloadDto => ({
      architecture,
      batch_size: 1,
      image_size: [...description.defaultImageSize],
      application_type: 'inference',
      ...fields,
      ...more,
    });
    const workloadOf = (dto: WorkloadDto): Workload => toWorkload(dto, toNetwork(dto), 1);

    it('can be planted by default', () => {
      expect(() => build(workloadOf(request()))).not.toThrow();
    });

    it.each([0, 1, counts.maxDetectionsPerImage - 1, counts.maxDetectionsPerImage])(
      'have the limits at which planting fails, for %d detections',
      (wanted) => {
        const { computedImageSize, options } = toNetwork(request());
        const { numClasses } = options;
        const most = counts.maxCandidatesPerImage({ numClasses, computedImageSize, detections: wanted });
        const asking = (candidates: number): WorkloadDto =>
          request({ candidates_per_image: candidates, detections_per_image: Math.min(wanted, most) });
        const workload = workloadOf(asking(most));
        expect(() => build(workload)).not.toThrow();
        expect(() => build({ ...workload, candidatesPerImage: most + 1 })).toThrow(PlantingError);
        expect(() => toNetwork(asking(most + 1))).toThrow(`lets ${String(most)} through at most`);
      },
    );
  });
});
