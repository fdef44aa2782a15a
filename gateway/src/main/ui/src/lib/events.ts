import { useEffect, useRef } from 'preact/hooks';
import { url } from './api';
import { signal } from './signal';
import { jsonLines, keepStream, type StreamState } from './stream';
import type { EventMessage } from './types';

const KEPT = 500;

/** One stream of events for the whole page. What was missed while it was broken or hidden is asked for again. */
export const recentEvents = signal<EventMessage[]>([]);
export const eventState = signal<StreamState>('connecting');

const listeners = new Set<(event: EventMessage) => void>();
let since: string | null = null;

export function startEvents(): () => void {
  let open = true;
  const end = keepStream({
    // The first time, what happened in the last quarter of an hour is shown, too.
    target: () => url('/events', { since: since ?? String(Math.floor(Date.now() / 1000) - 900) }),
    read: (response) => jsonLines<EventMessage>(response, take),
    state: (state) => {
      eventState.value = state;
      if (state === 'live' && open && since !== null) {
        // Lists may have changed while nobody looked.
        listeners.forEach((listener) => listener({ Type: '*', Action: 'reconnect', Actor: { ID: '' }, time: 0 }));
      }
    },
  });
  return () => {
    open = false;
    end();
  };
}

function take(event: EventMessage): void {
  const nanos = event.timeNano ? String(event.timeNano) : null;
  since = nanos === null ? String(event.time) : `${event.time}.${nanos.slice(-9)}`;
  const known = recentEvents.value;
  if (known.some((each) => each.timeNano === event.timeNano && each.Action === event.Action && each.Actor.ID === event.Actor.ID)) {
    return;
  }
  recentEvents.value = [event, ...known].slice(0, KEPT);
  listeners.forEach((listener) => listener(event));
}

/** Calls back, at most three times a second, after events of the given types; with an identifier only after those about it. */
export function useEvents(types: string[], changed: () => void, id?: string): void {
  const latest = useRef(changed);
  latest.current = changed;
  const key = types.join();
  useEffect(() => {
    let timer: number | undefined;
    const wanted = key.split(',');
    const listener = (event: EventMessage) => {
      if (event.Type !== '*' && !wanted.includes(event.Type)) return;
      if (event.Type !== '*' && id !== undefined && event.Actor.ID !== id && event.Actor.Attributes?.['container'] !== id) return;
      if (event.Action.startsWith('exec_')) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        latest.current();
      }, 300);
    };
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      window.clearTimeout(timer);
    };
  }, [key, id]);
}
