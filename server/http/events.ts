import type { FeedEvent, FeedListener, LiveFeed } from '../live-feed.js';
import { Problem } from '../problem.js';
import type { Request, Response } from './express.js';

const HEARTBEAT_MS = 15_000;
/** Who is this much behind in reading is let go, and comes back by itself. */
const MOST_UNREAD_BYTES = 8 * 2 ** 20;

/**
 * Server-sent events until the client or the service goes. `Last-Event-ID`, or `?after=`: the sequence of the last block that the
 * client has. Throws Problem `overloaded`.
 */
export function streamEvents(feed: LiveFeed, request: Request, response: Response): void {
  if (!feed.hasRoom) throw new Problem('overloaded', 'too many listen to events already: try again later');
  const after = sequenceOf(request.get('last-event-id') ?? request.query['after']);
  response.status(200);
  response.set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  response.write('retry: 2000\n\n');
  const listener: FeedListener = {
    send: (event) => {
      response.write(textOf(event));
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
    },
    end: () => response.end(),
  };
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  response.on('close', () => {
    clearInterval(heartbeat);
    feed.leave(listener);
  });
  feed.listen(listener, after);
}

function sequenceOf(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function textOf({ name, id, data }: FeedEvent): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}
