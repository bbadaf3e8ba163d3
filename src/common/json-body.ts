import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Problem } from './problem.js';

/** An estimate's request has a few hundred bytes; the nested form carries an earlier answer of some tens of kilobytes. */
export const BODY_LIMIT_BYTES = 1024 * 1024;

/**
 * Makes JSON the only body that is read. Fastify's own parser hides where the syntax error is; its check for
 * `__proto__` is not needed, since `validateBody` refuses such names before anything is copied.
 */
export function acceptJsonOnly(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, JSON.parse(body.toString()));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      done(new Problem('malformed-request', 400, `The body is not valid JSON: ${reason}.`));
    }
  });
}

/** Lets a route take a larger body than {@link BODY_LIMIT_BYTES}. */
export const LargestBody = (bytes: number): MethodDecorator => RouteConfig({ largestBodyBytes: bytes });

/** Routes are asked as they are added: call this before the application is initialised. */
export function heedLargestBodies(fastify: FastifyInstance): void {
  fastify.addHook('onRoute', (route) => {
    const { largestBodyBytes } = (route.config ?? {}) as { readonly largestBodyBytes?: number };
    if (largestBodyBytes !== undefined) route.bodyLimit = largestBodyBytes;
  });
}
