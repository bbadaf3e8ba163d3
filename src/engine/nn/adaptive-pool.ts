import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/node.js';
import { matMul, reshape } from '../graph/ops.js';
import { at, staticShape } from '../graph/tensor.js';

/** The positions that a cell is the mean of: from its share of the axis, rounded outwards. */
interface Window {
  readonly begin: number;
  readonly end: number;
}

function windows(size: number, cells: number): readonly Window[] {
  return Array.from({ length: cells }, (_, cell) => ({
    begin: Math.floor((cell * size) / cells),
    end: Math.ceil(((cell + 1) * size) / cells),
  }));
}

/**
 * torch.nn.AdaptiveAvgPool2d: `[N, C, H, W]` to `[N, C, cells, cells]`, each the mean of its window; windows overlap, and
 * differ in size, where `cells` does not divide a side.
 *
 * One product with a matrix of weights, a column a cell: it takes no time beside the convolutions before it, and its
 * gradient is as plain.
 */
export function adaptiveAveragePool2d(g: Graph, x: Value, cells: number): Value {
  const [images = 0, channels = 0, height = 0, width = 0] = staticShape(x.name, x.shape);
  if (height === cells && width === cells) return x;
  const means = matMul(
    g,
    reshape(g, x, [images * channels, height * width]),
    g.deferredConstant('float32', [height * width, cells * cells], () => shares([height, width], cells)),
  );
  return reshape(g, means, [images, channels, cells, cells]);
}

/** Of each pixel in the mean of each cell: `[height * width, cells * cells]`. */
function shares([height, width]: readonly [number, number], cells: number): Float32Array {
  const weights = new Float32Array(height * width * cells * cells);
  const [rows, columns] = [windows(height, cells), windows(width, cells)];
  for (let cell = 0; cell < cells * cells; cell++) {
    const [row, column] = [at(rows, Math.floor(cell / cells)), at(columns, cell % cells)];
    const share = 1 / ((row.end - row.begin) * (column.end - column.begin));
    for (let i = row.begin; i < row.end; i++) {
      for (let j = column.begin; j < column.end; j++) weights[(i * width + j) * cells * cells + cell] = share;
    }
  }
  return weights;
}
