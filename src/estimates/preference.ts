import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** How long a client wants to wait for a measurement, by the header `Prefer` of RFC 7240. */
export interface Preference {
  /** Null: as long as it takes. */
  readonly waitSeconds: number | null;
  /** What of the header a 202 heeds, for `Preference-Applied`; empty when there was nothing. */
  readonly applied: string;
  /** What of it an answer heeds that was waited for. */
  readonly appliedByWaiting: string;
}

/** Timers of Node count in 31 bits of milliseconds; no measurement takes as long. */
const LONGEST_WAIT_SECONDS = 86_400;

/**
 * RFC 7240: preferences with parameters, separated by commas; of one that is there twice the first counts, and what is
 * not understood is passed over.
 */
export function readPreference(header: string | readonly string[] | undefined): Preference {
  const preferences = new Map<string, string>();
  for (const preference of [header ?? []].flat().join(',').split(',')) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map((part) => part.trim());
    const key = name.toLowerCase();
    if (!preferences.has(key)) preferences.set(key, value.replace(/^"(.*)"$/, '$1'));
  }
  const wait = preferences.get('wait');
  const applied = preferences.has('respond-async') ? ['respond-async'] : [];
  if (wait === undefined || !/^\d+$/.test(wait)) {
    return { waitSeconds: applied.length === 0 ? null : 0, applied: applied.join(', '), appliedByWaiting: '' };
  }
  return {
    waitSeconds: Math.min(Number(wait), LONGEST_WAIT_SECONDS),
    applied: [...applied, `wait=${wait}`].join(', '),
    appliedByWaiting: `wait=${wait}`,
  };
}

/** The {@link Preference} of a request. */
export const Prefer = createParamDecorator((_data: unknown, context: ExecutionContext): Preference => {
  return readPreference(context.switchToHttp().getRequest<FastifyRequest>().headers.prefer);
});
