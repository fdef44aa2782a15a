import { ApiError, send } from './api';

/** Reads a response piece by piece until it ends or the signal aborts it. */
export async function pieces(response: Response, take: (piece: Uint8Array) => void): Promise<void> {
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(value);
  }
}

/** Reads JSON values, one a line or one after the other as Docker sends them, each ended by a line feed. */
export async function jsonLines<T>(response: Response, take: (value: T) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  await pieces(response, (piece) => {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.trim() !== '') take(JSON.parse(line) as T);
    }
  });
  if (rest.trim() !== '') take(JSON.parse(rest) as T);
}

export type StreamState = 'connecting' | 'live' | 'waiting' | 'ended';

export interface StreamOrder {
  /** Asked anew for each attempt, so that it can say since when. */
  target: () => string;
  read: (response: Response) => Promise<void>;
  state?: (state: StreamState, error: unknown) => void;
  /** Whether to connect again when the stream has ended by itself. */
  again?: () => boolean;
}

const FIRST_DELAY = 500;
const LAST_DELAY = 15_000;

/**
 * Keeps a stream open: when it breaks off it is opened again after half a second, then twice that, up to 15 s. While the page
 * is hidden it is closed, since a browser opens only six connections to a server. Returns how to end it.
 */
export function keepStream(order: StreamOrder): () => void {
  let ended = false;
  let delay = FIRST_DELAY;
  let attempt: AbortController | null = null;
  let timer: number | undefined;

  const tell = (state: StreamState, error: unknown = null) => {
    if (!ended) order.state?.(state, error);
  };
  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void open(), delay);
    delay = Math.min(delay * 2, LAST_DELAY);
  };
  const open = async () => {
    if (ended || attempt || document.hidden) return;
    const mine = new AbortController();
    attempt = mine;
    tell('connecting');
    let error: unknown = null;
    try {
      const response = await send(order.target(), { signal: mine.signal });
      delay = FIRST_DELAY;
      tell('live');
      await order.read(response);
    } catch (e) {
      error = e;
    }
    if (attempt === mine) attempt = null;
    if (ended || mine.signal.aborted) return;
    const gone = error instanceof ApiError && [400, 401, 403, 404, 409, 501].includes(error.status);
    if (gone || (error === null && order.again?.() === false)) {
      tell('ended', error);
      return;
    }
    tell('waiting', error);
    later();
  };
  const visibility = () => {
    if (document.hidden) {
      window.clearTimeout(timer);
      attempt?.abort();
      attempt = null;
      tell('waiting');
    } else {
      delay = FIRST_DELAY;
      void open();
    }
  };
  document.addEventListener('visibilitychange', visibility);
  void open();
  return () => {
    ended = true;
    window.clearTimeout(timer);
    document.removeEventListener('visibilitychange', visibility);
    attempt?.abort();
  };
}
