import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { jobPath } from '../jobs/job.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { JobsService } from '../jobs/jobs.service.js';
import { Accepted } from './accepted.js';
import { WaitedFor } from './waited-for.js';

/**
 * Answers 202 where the jobs are, to clients that do not want to wait for them (RFC 7240, section 4.1), and tells those
 * that waited that this was heeded.
 */
@Injectable()
export class AcceptedInterceptor implements NestInterceptor {
  constructor(
    private readonly queue: JobQueue,
    private readonly jobs: JobsService,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((answer: unknown) => {
        if (answer instanceof Accepted) return this.accept(answer, reply);
        if (!(answer instanceof WaitedFor)) return answer;
        void reply.header('preference-applied', answer.applied);
        return answer.answer;
      }),
    );
  }

  private accept({ jobs, applied }: Accepted, reply: FastifyReply): unknown {
    const last = jobs.at(-1);
    if (last !== undefined) {
      void reply.headers({
        location: jobPath(last.job.id),
        'retry-after': String(this.queue.secondsUntilOver(last)),
      });
    }
    void reply.status(202).header('preference-applied', applied);
    return { jobs: jobs.map((tracked) => this.jobs.encode(tracked)) };
  }
}
