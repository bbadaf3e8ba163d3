import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { discardBody } from './discard-body.js';
import { internalError, Problem } from './problem.js';
import type { RouteTable } from './route-table.js';
import { pathOf, sendProblem } from './send-problem.js';

/** Of a body that is too large or no JSON, nothing was read. */
const REFUSED_UNREAD: ReadonlySet<number> = new Set([413, 415]);

/** Answers everything that goes wrong with a problem document; what nobody foresaw is logged and told no details of. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  constructor(private readonly routes: RouteTable) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = this.toProblem(exception, request);
    // A client that leaves in the middle of its request is no fault of the service.
    if (problem.type === 'internal-error' && !request.raw.readableAborted) {
      this.logger.error(exception instanceof Error ? exception : new Error(String(exception)));
    }
    const received = REFUSED_UNREAD.has(problem.status) ? discardBody(request.raw) : Promise.resolve();
    void received.then(() => sendProblem(reply, problem, request.url));
  }

  private toProblem(exception: unknown, { method, url, routeOptions }: FastifyRequest): Problem {
    if (exception instanceof Problem) {
      return exception;
    }
    if (!(exception instanceof HttpException)) {
      return internalError();
    }
    const status = exception.getStatus();
    switch (status) {
      case 404:
        return this.noRoute(method, pathOf(url));
      case 413:
        return new Problem('body-too-large', 413, `A body may have at most ${String(routeOptions.bodyLimit)} bytes.`);
      case 415:
        return new Problem('unsupported-media-type', 415, 'Send JSON, with "Content-Type: application/json".');
      case 400:
        return new Problem('malformed-request', 400, exception.message);
      default:
        return new Problem('http-error', status, exception.message);
    }
  }

  private noRoute(method: string, path: string): Problem {
    const allowed = this.routes.methodsOf(path);
    // A path with wildcards takes the method, and has nothing there.
    if (allowed.length === 0 || allowed.includes(method)) {
      return new Problem('not-found', 404, `There is nothing at ${path}; /docs lists what there is.`);
    }
    const names = allowed.join(', ');
    return new Problem('method-not-allowed', 405, `${path} does not take ${method}; it takes ${names}.`, {
      headers: { allow: names },
    });
  }
}
