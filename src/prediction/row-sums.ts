/** Sums over weighted rows of a least-squares problem, which stand for them all; changed in place. */
export interface RowSums {
  readonly columns: number;
  /** One after the other: the lines of the gram matrix, the moments, the sums of the rows as they were before weighting. */
  readonly values: Float64Array;
  /** Of the squares of the weights. */
  squares: number;
  rows: number;
}

export function emptySums(columns: number): RowSums {
  return { columns, values: new Float64Array(columns * (columns + 2)), squares: 0, rows: 0 };
}

/** @param weight by which the row and its target are multiplied */
export function addRow(sums: RowSums, row: readonly number[], target: number, weight: number): void {
  const { columns, values } = sums;
  const square = weight * weight;
  sums.rows += 1;
  sums.squares += square;
  row.forEach((left, j) => {
    if (left === 0) return;
    row.forEach((right, k) => add(values, j * columns + k, left * right * square));
    add(values, columns * columns + j, left * target * square);
    add(values, columns * (columns + 1) + j, left);
  });
}

export function addSums(sums: RowSums, others: RowSums, weight: number): void {
  sums.rows += weight * others.rows;
  sums.squares += weight * others.squares;
  const { values } = sums;
  for (let index = 0; index < values.length; index += 1) add(values, index, weight * (others.values[index] ?? 0));
}

/** Null where no rows remain. @param others of which `sums` are a part */
export function sumsWithout(sums: RowSums, others: RowSums): RowSums | null {
  if (others.rows >= sums.rows) return null;
  const remaining = emptySums(sums.columns);
  addSums(remaining, sums, 1);
  addSums(remaining, others, -1);
  return remaining;
}

/** Copies of the lines. */
export function gramOf({ columns, values }: RowSums): readonly Float64Array[] {
  return Array.from({ length: columns }, (_, j) => values.slice(j * columns, (j + 1) * columns));
}

export function momentsOf({ columns, values }: RowSums): number[] {
  return [...values.subarray(columns * columns, columns * (columns + 1))];
}

/** Mean of a column over the rows as they were before weighting. */
export function meanOf({ columns, values, rows }: RowSums, column: number): number {
  return (values[columns * (columns + 1) + column] ?? 0) / rows;
}

function add(values: Float64Array, index: number, summand: number): void {
  values[index] = (values[index] ?? 0) + summand;
}
