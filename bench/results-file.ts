import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import type { BenchCase } from './bench-case.js';
import type { Measured } from './one-architecture.js';
import { figuresOf } from './one-architecture.js';
import { verdicts } from './goals.js';

/** All that was measured, as JSON: each case with its figures and verdicts. Written after each case. */
export class ResultsFile {
  private readonly measured: Measured[];

  /** @param resume whether to keep what the file holds already */
  constructor(
    private readonly file: string,
    resume: boolean,
  ) {
    this.measured =
      resume && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly Measured[]).slice() : [];
  }

  /** What the file held of exactly this case. */
  known(benchCase: BenchCase): Measured | undefined {
    const wanted = JSON.stringify(benchCase);
    return this.measured.find((measured) => JSON.stringify(measured.benchCase) === wanted);
  }

  add(measured: Measured): void {
    this.measured.push(measured);
    const documents = this.measured.map(({ benchCase, trace, rounds }) => {
      const figures = figuresOf({ trace, rounds });
      return { benchCase, figures, verdicts: verdicts(benchCase.architecture, figures), trace, rounds };
    });
    writeFileSync(this.file, `${JSON.stringify(documents, null, 1)}\n`);
  }
}
