import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const FOLDER = join(__dirname, '../../../test-cases');

/** Columns that are fields of the request, by their names there. */
const REQUEST_FIELDS = [
  'task_type',
  'architecture',
  'parameters',
  'dataset_size',
  'batch_size',
  'image_size',
  'application_type',
  'epochs',
  'threading',
];

/** A row of `test-cases/*.csv`; the columns are explained in the README beside them. */
export interface TestCase {
  readonly name: string;
  readonly path: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** How often the request is sent; what is expected is expected of the last answer. */
  readonly samples: number;
  readonly expectedStatus: number;
  readonly expected: Readonly<Record<string, unknown>>;
}

export function readTestCases(file: string): TestCase[] {
  const rows: Record<string, string>[] = parse(readFileSync(join(FOLDER, file), 'utf8'), { columns: true });
  return rows.map(toTestCase);
}

function toTestCase(row: Readonly<Record<string, string>>): TestCase {
  const fields = REQUEST_FIELDS.map((name) => [name, row[name] ?? ''] as const).filter(([, cell]) => cell !== '');
  return {
    name: row.name ?? '',
    path: `/api/v1/${row.endpoint ?? ''}`,
    request: {
      ...Object.fromEntries(fields.map(([name, cell]) => [name, valueOf(cell)])),
      ...objectIn(row.more),
    },
    samples: Number(row.num_samples),
    expectedStatus: Number(row.expected_status),
    expected: objectIn(row.expected),
  };
}

/** Python's `(256, 256)` and `True`, or JSON; what is neither is a text. */
function valueOf(cell: string): unknown {
  const json = cell.replace(/^\((.*)\)$/, '[$1]').replace(/^(True|False)$/, (word) => word.toLowerCase());
  try {
    return JSON.parse(json);
  } catch {
    return cell;
  }
}

function objectIn(cell: string | undefined): Record<string, unknown> {
  return cell === undefined || cell === '' ? {} : (JSON.parse(cell) as Record<string, unknown>);
}
