import type { IncomingMessage } from 'node:http';
import type { Params } from 'nestjs-pino';
import type { LogLevel } from '../config/settings.js';
import { pathOf } from './send-problem.js';

/** Asked every few seconds by whatever keeps the service running; a line for each would bury the rest. */
const PROBES: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz']);

/** One JSON line an event. Of a request only what identifies it: headers can hold secrets and bodies are not logged. */
export function loggerOptions(level: LogLevel): Params {
  return {
    pinoHttp: {
      level,
      autoLogging: { ignore: ({ url }: IncomingMessage) => PROBES.has(url) },
      serializers: {
        req: ({ id, method, url }: { id: unknown; method: string; url: string }) => ({ id, method, path: pathOf(url) }),
        res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      },
    },
  };
}
