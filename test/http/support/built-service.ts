import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceProcess } from '../../../bench/service-process.js';

export const PROGRAM = join(__dirname, '../../../dist/main.js');

/** Starts the service as `npm start` does, on a port that is free. */
export async function startBuiltService(environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  if (!existsSync(PROGRAM)) throw new Error(`There is no ${PROGRAM}. Run: npm run build`);
  return ServiceProcess.start(PROGRAM, environment);
}
