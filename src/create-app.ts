import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Logger } from 'nestjs-pino';
import { serveApiDocument } from './api-document.js';
import { AppModule } from './app.module.js';
import { BodyPipe } from './common/body.pipe.js';
import { acceptJsonOnly, BODY_LIMIT_BYTES, heedLargestBodies } from './common/json-body.js';
import { Problem, PROBLEM_MEDIA_TYPE } from './common/problem.js';
import { ProblemFilter } from './common/problem.filter.js';
import { RouteTable } from './common/route-table.js';
import { sendProblem } from './common/send-problem.js';
import { JobQueue } from './jobs/job-queue.service.js';

/** From the first byte of a request to its last; answers may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;
/** For the last answers, when the service ends. */
const CLOSING_GRACE_MS = 1000;

/** Options of Nest for an application that {@link configureApp} is given. */
export const APP_OPTIONS = { bodyParser: false, bufferLogs: true, abortOnError: false } as const;

export function createAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Addresses that are no URLs are refused before any filter of Nest.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, new Problem('malformed-request', 400, `${error.message}.`), request.url);
    },
    // What is no HTTP at all never becomes a request, and is answered on the bare socket.
    clientErrorHandler: (error: Error & { readonly code?: string }, socket: Socket) => {
      if (!socket.writable) {
        socket.destroy();
        return;
      }
      const problem = bareProblem(error);
      const body = JSON.stringify(problem.toDocument(''));
      const length = String(Buffer.byteLength(body));
      socket.end(
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nConnection: close\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\nContent-Length: ${length}\r\n\r\n${body}`,
      );
    },
  });
}

/** Of what did not become a request. */
function bareProblem({ code, message }: Error & { readonly code?: string }): Problem {
  if (code !== 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Problem('malformed-request', 400, `This is not HTTP that can be read: ${message}.`);
  }
  const seconds = REQUEST_TIMEOUT_MS / 1000;
  return new Problem(
    'request-timeout',
    408,
    `The request was not complete within ${String(seconds)} s: send it again.`,
  );
}

/** The whole service, ready to listen. */
export async function createApp(): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule, createAdapter(), APP_OPTIONS);
  await configureApp(app);
  return app;
}

/** What surrounds the modules: the same in production and in tests. */
export async function configureApp(app: NestFastifyApplication): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  const routes = new RouteTable();
  routes.listen(fastify);
  fastify.addHook('onListen', (done) => {
    app.get(JobQueue).start();
    done();
  });
  fastify.addHook('preClose', (done) => {
    // A client that neither reads nor leaves must not keep the service from ending.
    setTimeout(() => fastify.server.closeAllConnections(), CLOSING_GRACE_MS).unref();
    done();
  });
  heedLargestBodies(fastify);
  acceptJsonOnly(fastify);
  app.useLogger(app.get(Logger));
  app.useGlobalPipes(new BodyPipe());
  app.useGlobalFilters(new ProblemFilter(routes));
  app.enableShutdownHooks();
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        scriptSrc: ["'self'"],
        // Swagger UI sets styles in its markup.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        // The service itself speaks plain HTTP: upgraded, its own page would ask in vain for its scripts.
        upgradeInsecureRequests: null,
      },
    },
  });
  serveApiDocument(app);
  await app.init();
  await fastify.ready();
}
