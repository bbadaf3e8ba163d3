import { Readable } from 'node:stream';
import { jobViewCodec, type JobView } from './job.codec.js';
import { isOver } from './job.js';
import type { TrackedJob } from './tracked-job.js';

/** Id of the last event of every job: who has seen it need not come again. */
export const LAST_EVENT_ID = 'end';

/** Servers and proxies between give up connections on which nothing is sent, mostly after 30 s or more. */
const HEARTBEAT_MS = 15_000;
/** Steps of a millisecond are not told one by one. */
const STEPS_MS = 200;

/**
 * The changes of a job as server-sent events (HTML Living Standard, section 9.2): first what it is now, then each change
 * as `progress`, at last `end`, after which the stream ends. Each event holds the whole job. It ends without `end` when
 * the service closes. Comments keep the connection alive meanwhile. Who reads slowly misses changes, but not the last.
 *
 * @param view the job as it is answered
 */
export function jobEvents(
  tracked: TrackedJob,
  view: (tracked: TrackedJob) => JobView,
  heartbeatMs = HEARTBEAT_MS,
): Readable {
  let readerIsReady = true;
  let told = '';
  let toldAt = 0;
  const stream = new Readable({
    read: () => {
      readerIsReady = true;
    },
  });
  const push = (text: string): void => {
    readerIsReady = stream.push(text);
  };
  const tell = (): void => {
    const over = isOver(tracked.job);
    const id = over ? LAST_EVENT_ID : String(tracked.revision);
    const seen = view(tracked);
    push(`id: ${id}\nevent: ${over ? 'end' : 'progress'}\ndata: ${JSON.stringify(jobViewCodec.encode(seen))}\n\n`);
    told = milestone(seen);
    toldAt = Date.now();
  };
  // Of a job that is over, `complete` below tells.
  if (!isOver(tracked.job)) tell();
  const heartbeat = setInterval(() => {
    if (readerIsReady) push(': still there\n\n');
  }, heartbeatMs);
  const subscription = tracked.changes.subscribe({
    next: () => {
      const isWorthTelling = Date.now() - toldAt >= STEPS_MS || milestone(view(tracked)) !== told;
      if (!isOver(tracked.job) && readerIsReady && isWorthTelling) tell();
    },
    complete: () => {
      if (isOver(tracked.job)) tell();
      stream.push(null);
    },
  });
  stream.once('close', () => {
    clearInterval(heartbeat);
    subscription.unsubscribe();
  });
  return stream;
}

/** Changes with all that is told at once, however soon after the last event it comes. */
function milestone({ state, position, progress }: JobView): string {
  return `${state} ${position ?? ''} ${progress?.phase ?? ''} ${progress?.windowsSeconds.length ?? 0}`;
}
