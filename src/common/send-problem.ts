import type { FastifyReply } from 'fastify';
import { PROBLEM_MEDIA_TYPE, type Problem } from './problem.js';

/** @param url of the request; its query, which may hold anything, is not repeated */
export function sendProblem(reply: FastifyReply, problem: Problem, url: string): void {
  void reply
    .status(problem.status)
    .headers(problem.options.headers ?? {})
    .type(PROBLEM_MEDIA_TYPE)
    .send(problem.toDocument(pathOf(url)));
}

export function pathOf(url: string): string {
  return url.split('?', 1).join();
}
