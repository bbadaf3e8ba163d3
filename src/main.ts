import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { readSettings } from './config/environment.js';
import { InvalidEnvironmentError } from './config/invalid-environment.error.js';
import { UnusableAddressError } from './config/unusable-address.error.js';
import { createApp } from './create-app.js';

async function main(): Promise<void> {
  // Nest reads them too; a wrong variable is told here without the traces that its loader adds.
  const { host, port } = readSettings(process.env);
  const app = await createApp();
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw new UnusableAddressError(host, port, error);
  }
  const reach = host === '127.0.0.1' ? '; HOST=0.0.0.0 lets other machines in' : '';
  new Logger('main').log(`listening on ${await app.getUrl()}, API at /docs${reach}`);
}

main().catch((error: unknown) => {
  const isExpected = error instanceof InvalidEnvironmentError || error instanceof UnusableAddressError;
  console.error(isExpected ? `The service cannot start.\n${error.message}` : error);
  process.exitCode = 1;
});
