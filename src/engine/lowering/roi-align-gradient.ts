import type { Graph } from '../graph/graph.js';
import { linearWeights } from '../graph/interpolation.js';
import type { Value } from '../graph/node.js';
import {
  add,
  and,
  cast,
  clip,
  concat,
  div,
  equal,
  gather,
  greater,
  greaterOrEqual,
  max,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  slice,
  sub,
  transpose,
} from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';
import type { LoweringContext } from './lowering-rule.js';

/**
 * The gradient of a map is, over all cells of all regions, the sum of weights of y * weights of x * dy: the product of a
 * matrix of weights, most of them 0, with the cells' gradients. So each map is cut into strips of whole rows, and a
 * strip's product is over those rows of cells alone that reach into it, which only the run can tell.
 *
 * Addition by ScatterND, sample by sample, takes twice as long, and is wrong with more than one thread: the runtime's
 * threads add to one row at the same time, and sums get lost.
 */

/** Rows of a strip. Fewer make more nodes, more make more zeros to multiply; from 1 to 5, time hardly changes. */
const STRIP_HEIGHT = 4;
/** Strips of a map over all images: the runtime loads a model in a time that grows with the square of its nodes. */
const MOST_STRIPS = 200;

interface Regions {
  /** Gradients of the cells, a row of a region's grid each: `[K * grid height, grid width, C]`. */
  readonly rows: Value;
  /** `[K, 4]` */
  readonly boxes: Value;
  /** Index of each region's image, int64 `[K]`. */
  readonly images: Value;
  readonly gridHeight: number;
  readonly gridWidth: number;
}

interface FeatureMap {
  readonly imageCount: number;
  readonly height: number;
  readonly width: number;
  readonly spatialScale: number;
}

interface AxisSampling {
  readonly cells: number;
  readonly samplingRatio: number;
  readonly spatialScale: number;
  /** Pixels of the map along the axis. */
  readonly size: number;
}

/**
 * Weights of the pixels along an axis in each cell of each region, as the runtime's RoiAlign takes them: means over the
 * cell's samples, of which those more than a pixel outside the map count as 0.
 *
 * @param begin where each region begins in the image, `[n, 1]`
 * @param columns weights wanted, at least one for each pixel; any further ones are 0
 * @returns `[n, cells, columns]`
 */
function cellWeights(g: Graph, begin: Value, end: Value, columns: number, axis: AxisSampling): Value {
  const { cells, samplingRatio, spatialScale, size } = axis;
  const samples = Array.from({ length: cells * samplingRatio }, (_, sample) => sample);
  const cellOf = g.float32(samples.map((sample) => Math.floor(sample / samplingRatio)));
  const withinCell = g.float32(samples.map((sample) => (sample % samplingRatio) + 0.5));
  const scaled = (value: Value): Value => mul(g, value, g.scalar(spatialScale));
  // Regions count as at least one pixel wide.
  const cellSize = div(g, max(g, sub(g, scaled(end), scaled(begin)), g.scalar(1)), g.scalar(cells));
  const offset = div(g, mul(g, withinCell, cellSize), g.scalar(samplingRatio));
  const places = add(g, add(g, scaled(begin), mul(g, cellOf, cellSize)), offset);
  const inside = and(g, greaterOrEqual(g, places, g.scalar(-1)), greaterOrEqual(g, g.scalar(size), places));
  const share = mul(g, cast(g, inside, 'float32'), g.scalar(1 / samplingRatio));
  const perPixel = (value: Value): Value => reshape(g, value, [-1, cells, samplingRatio, 1]);
  const weights = linearWeights(g, perPixel(clip(g, places, 0, size - 1)), columns);
  return reduceSum(g, mul(g, weights, perPixel(share)), [2]);
}

/** Pairs of a strip and a row of cells that reaches into it, in order of the strips. */
interface Pairs {
  /** Pairs of each strip, int64 `[images * strips]`. */
  readonly counts: Value;
  /** For each pair the row of cells, int64 `[pairs]`. */
  readonly rows: Value;
  /** For each pair the weights of the strip's rows of pixels, `[pairs, strip height]`. */
  readonly weights: Value;
}

/**
 * @param weights of the rows of pixels in each row of cells, `[rows, strips, strip height]`
 * @param images index of each row's image, int64 `[rows, 1]`
 */
function pairsOf(g: Graph, weights: Value, images: Value, imageCount: number): Pairs {
  const reaching = transpose(g, greater(g, reduceMax(g, weights, [2]), g.scalar(0)), [1, 0]);
  const imageNumbers = g.int64(
    Array.from({ length: imageCount }, (_, image) => image),
    [imageCount, 1, 1],
  );
  const strips = at(staticShape('the strips', reaching.shape.slice(0, 1)), 0);
  const ofImage = equal(g, imageNumbers, reshape(g, images, [1, 1, -1]));
  const taken = and(g, ofImage, reshape(g, reaching, [1, strips, -1]));
  const places = g.op('NonZero', [taken], {});
  return {
    counts: reshape(g, reduceSum(g, cast(g, taken, 'int64'), [2]), [imageCount * strips]),
    rows: gather(g, places, g.int64([2], []), 0),
    weights: g.op('GatherND', [weights, transpose(g, gather(g, places, g.int64([2, 1]), 0), [1, 0])], {}),
  };
}

function stripHeightOf({ imageCount, height }: FeatureMap): number {
  return Math.min(height, Math.max(STRIP_HEIGHT, Math.ceil((imageCount * height) / MOST_STRIPS)));
}

/** A map's gradient `[N, C, height, width]`, from the regions at `here` `[n]`. */
function mapGradient(g: Graph, regions: Regions, here: Value, map: FeatureMap, samplingRatio: number): Value {
  const { gridHeight, gridWidth } = regions;
  const { imageCount, height, width, spatialScale } = map;
  const channels = at(staticShape('the rows of cells', regions.rows.shape), 2);
  const stripHeight = stripHeightOf(map);
  const strips = Math.ceil(height / stripHeight);

  const boxes = gather(g, regions.boxes, here, 0);
  const edge = (column: number): Value => slice(g, boxes, 1, column, column + 1);
  const sampling = { samplingRatio, spatialScale };
  const weightsOfX = cellWeights(g, edge(0), edge(2), width, { ...sampling, cells: gridWidth, size: width });
  const weightsOfY = cellWeights(g, edge(1), edge(3), strips * stripHeight, {
    ...sampling,
    cells: gridHeight,
    size: height,
  });
  const perRow = (ofRegions: Value, ofRows: Value): Value =>
    reshape(g, add(g, reshape(g, ofRegions, [-1, 1]), ofRows), [-1]);
  const gridRows = g.int64(Array.from({ length: gridHeight }, (_, row) => row));
  const images = perRow(gather(g, regions.images, here, 0), g.int64(new Array<number>(gridHeight).fill(0)));
  const pairs = pairsOf(g, reshape(g, weightsOfY, [-1, strips, stripHeight]), images, imageCount);
  const split = (perPair: Value): readonly Value[] =>
    g.ops('Split', [perPair, pairs.counts], { axis: 0, $parts: imageCount * strips });
  const ofY = split(reshape(g, pairs.weights, [-1, 1, stripHeight, 1]));
  const regionOf = split(div(g, pairs.rows, g.int64([gridHeight], [])));
  const rowOf = split(gather(g, perRow(mul(g, here, g.int64([gridHeight], [])), gridRows), pairs.rows, 0));
  const ofX = reshape(g, weightsOfX, [-1, gridWidth, 1, width]);

  const stripGradient = (strip: number): Value => {
    const rowsOfPixels = Math.min(stripHeight, height - (strip % strips) * stripHeight);
    const weights = at(ofY, strip);
    const within = rowsOfPixels < stripHeight ? slice(g, weights, 2, 0, rowsOfPixels) : weights;
    const ofPixels = reshape(g, mul(g, within, gather(g, ofX, at(regionOf, strip), 0)), [-1, rowsOfPixels * width]);
    const cells = reshape(g, gather(g, regions.rows, at(rowOf, strip), 0), [-1, channels]);
    return g.op('FusedMatMul', [cells, ofPixels], { transA: 1, transB: 0, alpha: 1 });
  };
  const gradients = Array.from({ length: imageCount }, (_, image) => {
    const whole = concat(
      g,
      Array.from({ length: strips }, (_strip, strip) => stripGradient(image * strips + strip)),
      1,
    );
    return reshape(g, whole, [1, channels, height, width]);
  });
  return concat(g, gradients, 0);
}

export function roiAlignGradient({
  g,
  input,
  attributes: { mapSizes, spatialScales, samplingRatio },
}: LoweringContext<'RoiAlignGradient'>): readonly Value[] {
  const [dy, boxes, images, levels] = [input(0), input(1), input(2), input(3)];
  const [count = 0, channels = 0, gridHeight = 0, gridWidth = 0] = staticShape('dy', dy.shape);
  const channelsLast = transpose(g, reshape(g, dy, [count, channels, gridHeight * gridWidth]), [0, 2, 1]);
  const rows = reshape(g, channelsLast, [count * gridHeight, gridWidth, channels]);
  return mapSizes.map(([imageCount, height, width], level) => {
    const here = reshape(g, g.op('NonZero', [equal(g, levels, g.int64([level], []))], {}), [-1]);
    const map = { imageCount, height, width, spatialScale: at(spatialScales, level) };
    return mapGradient(g, { rows, boxes, images, gridHeight, gridWidth }, here, map, samplingRatio);
  });
}
