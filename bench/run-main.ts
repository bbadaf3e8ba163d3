import { reasonOf } from './child.js';
import { UsageError } from './step-options.js';

/** Runs a program of this folder to its exit code: 2 where it could not be run, with its usage where it was asked for wrongly. */
export function runMain(main: () => Promise<number>, usage: string): void {
  main().then(
    (exitCode) => (process.exitCode = exitCode),
    (error: unknown) => {
      console.error(reasonOf(error));
      if (error instanceof UsageError) console.error(`\n${usage}`);
      process.exitCode = 2;
    },
  );
}
