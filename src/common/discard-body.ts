import type { IncomingMessage } from 'node:http';

const MOST_DISCARDED_BYTES = 64 * 1024 * 1024;
const LONGEST_WAIT_MS = 2000;

/**
 * Reads the rest of a body that nobody wants. Many clients send all of it before they look for an answer, and lose the
 * answer when the connection is closed on them meanwhile. One who sends without end is not waited for.
 */
export function discardBody(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let discardedBytes = 0;
    const timer = setTimeout(finish, LONGEST_WAIT_MS);
    const count = (chunk: Buffer): void => {
      discardedBytes += chunk.length;
      if (discardedBytes > MOST_DISCARDED_BYTES) {
        finish();
      }
    };
    function finish(): void {
      clearTimeout(timer);
      request.off('data', count).off('end', finish).off('close', finish);
      resolve();
    }
    if (request.readableEnded || request.destroyed) {
      finish();
    } else {
      request.on('data', count).on('end', finish).on('close', finish);
    }
  });
}
