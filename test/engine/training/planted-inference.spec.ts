import { fillInto } from '../../../src/engine/synthetic/fill.js';
import { syntheticImages } from '../../../src/engine/synthetic/batch.js';
import { Inference } from '../../../src/engine/training/inference.js';
import { buildInferenceGraph } from '../../../src/engine/training/inference-graph.js';
import type { PlantedCounts } from '../../../src/engine/zoo/architecture.js';
import type { FoundInImage, NetworkOptions } from '../../../src/engine/zoo/description.js';
import { PlantingError } from '../../../src/engine/zoo/detection/planting.js';
import { architectureNamed, architectures } from '../../../src/engine/zoo/catalogue.js';

const SSDLITE = 'ssdlite320_mobilenet_v3_large';
const IMAGE_SIZE = [320, 320] as const;

/** So small that many of the proposals' places stay empty, and no smaller than it takes to have anchors for all. */
function sideOf(name: string): number | null {
  if (name.startsWith('ssd')) return null;
  return name.includes('rcnn_resnet50') ? 64 : 192;
}

async function reached(
  planted: PlantedCounts,
  numClasses = 91,
  name = SSDLITE,
  side = sideOf(name),
): Promise<PlantedCounts> {
  const options: NetworkOptions = {
    numClasses,
    weightsBackbone: 'none',
    trainableBackboneLayers: 5,
    minSize: side,
    maxSize: side,
    auxLoss: null,
  };
  const graph = buildInferenceGraph(architectureNamed(name), options, 1, IMAGE_SIZE, planted);
  const images = syntheticImages({ batch: 1, imageSize: IMAGE_SIZE, seed: 0 });
  const inference = await Inference.create(graph, images, ({ name, shape }, into) => fillInto(into, name, shape, 0), {
    threads: 1,
  });
  const answer = await inference.run();
  await inference.release();
  if (answer.kind !== 'detections') throw new Error(`${name} is no detector`);
  const [image] = answer.images;
  return { candidatesPerImage: image?.candidates ?? NaN, detectionsPerImage: image?.scores.length ?? NaN };
}

function mostCandidates(name: string, found: FoundInImage): number {
  return architectures.get(name)?.counts?.maxCandidatesPerImage(found) ?? NaN;
}

describe('planted counts are reached exactly', () => {
  it.each([
    [0, 0],
    [1, 1],
    [300, 1],
    [1500, 5],
    [100, 100],
    [3000, 299],
    [3000, 300],
    [27000, 300],
  ])('%d candidates, %d detections', async (candidatesPerImage, detectionsPerImage) => {
    const planted = { candidatesPerImage, detectionsPerImage };
    expect(await reached(planted)).toEqual(planted);
  });

  it('with one class beside the background', async () => {
    const planted = { candidatesPerImage: 300, detectionsPerImage: 300 };
    expect(await reached(planted, 2)).toEqual(planted);
  });

  it.each([
    ['ssd300_vgg16', 91, 400, 1],
    ['ssd300_vgg16', 91, 2000, 199],
    ['ssd300_vgg16', 91, 36000, 200],
    ['fasterrcnn_resnet50_fpn', 2, 500, 20],
    ['fasterrcnn_resnet50_fpn', 91, 400, 100],
    ['maskrcnn_resnet50_fpn', 2, 500, 20],
    ['retinanet_resnet50_fpn', 91, 0, 0],
    ['retinanet_resnet50_fpn', 91, 1000, 100],
    ['retinanet_resnet50_fpn', 91, 1700, 300],
    ['retinanet_resnet50_fpn', 2, 50, 20],
    ['retinanet_resnet50_fpn_v2', 91, 1000, 1],
    ['fcos_resnet50_fpn', 91, 200, 20],
    ['fcos_resnet50_fpn', 91, 1500, 100],
    ['fasterrcnn_mobilenet_v3_large_fpn', 2, 500, 20],
    ['fasterrcnn_mobilenet_v3_large_320_fpn', 2, 150, 100],
    ['fasterrcnn_mobilenet_v3_large_320_fpn', 91, 13500, 100],
  ])('of %s with %d classes: %d candidates, %d detections', async (name, classes, candidates, detections) => {
    const planted = { candidatesPerImage: candidates, detectionsPerImage: detections };
    expect(await reached(planted, classes, name)).toEqual(planted);
  });

  const detectors = [...architectures.values()].flatMap(({ name, counts }) =>
    counts ? [[name, counts.defaults] as const] : [],
  );

  it.each(detectors)('of %s by default', async (name, { candidatesPerImage, detectionsPerImage }) => {
    expect(detectionsPerImage).toBeGreaterThan(0);
    const planted = { candidatesPerImage, detectionsPerImage };
    expect(await reached(planted, 91, name)).toEqual(planted);
  });

  it.each([1, 5, 90, 299, 300])('up to the most candidates that %d detections can have', async (detections) => {
    const most = mostCandidates(SSDLITE, { numClasses: 91, computedImageSize: IMAGE_SIZE, detections });
    const planted = { candidatesPerImage: most, detectionsPerImage: detections };
    expect(await reached(planted)).toEqual(planted);
    await expect(reached({ ...planted, candidatesPerImage: most + 1 })).rejects.toBeInstanceOf(PlantingError);
  });

  it.each([
    ['fcos_resnet50_fpn', 172],
    ['retinanet_resnet50_fpn', 1396],
    ['fasterrcnn_resnet50_fpn', 1000],
    ['fasterrcnn_mobilenet_v3_large_fpn', 135],
    ['fasterrcnn_mobilenet_v3_large_320_fpn', 135],
  ])('up to the most candidates of a small image and 2 classes: %s', async (name, most) => {
    const side = 64;
    const detections = 50;
    expect(mostCandidates(name, { numClasses: 2, computedImageSize: [side, side], detections })).toBe(most);
    const planted = { candidatesPerImage: most, detectionsPerImage: detections };
    expect(await reached(planted, 2, name, side)).toEqual(planted);
    await expect(reached({ ...planted, candidatesPerImage: most + 1 }, 2, name, side)).rejects.toBeInstanceOf(
      PlantingError,
    );
  });
});
