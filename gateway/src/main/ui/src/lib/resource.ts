import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export interface Resource<T> {
  /** The last good answer, which stays while a newer one is asked for or fails. */
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/**
 * Asks for something when the component is shown, when the key changes and, while the page is visible, every so many
 * milliseconds. Answers that come too late are dropped.
 */
export function useResource<T>(load: (signal: AbortSignal) => Promise<T>, key: string, everyMillis = 0): Resource<T> {
  const [state, setState] = useState<{ key: string; data: T | null; error: unknown; loading: boolean }>({
    key,
    data: null,
    error: null,
    loading: true,
  });
  const loader = useRef(load);
  loader.current = load;
  const running = useRef<AbortController | null>(null);
  const again = useRef(false);

  const reload = useCallback(() => {
    if (running.current) {
      again.current = true; // what is under way may have missed what happened since
      return;
    }
    const mine = new AbortController();
    running.current = mine;
    loader
      .current(mine.signal)
      .then(
        (data) => !mine.signal.aborted && setState({ key, data, error: null, loading: false }),
        (error: unknown) =>
          !mine.signal.aborted && setState((before) => ({ key, data: before.key === key ? before.data : null, error, loading: false })),
      )
      .finally(() => {
        if (running.current !== mine) return;
        running.current = null;
        if (again.current) {
          again.current = false;
          reload();
        }
      });
  }, [key]);

  useEffect(() => {
    setState((before) => (before.key === key ? before : { key, data: null, error: null, loading: true }));
    reload();
    const timer = everyMillis > 0 ? window.setInterval(() => !document.hidden && reload(), everyMillis) : undefined;
    return () => {
      window.clearInterval(timer);
      running.current?.abort();
      running.current = null;
      again.current = false;
    };
  }, [reload, everyMillis]);

  return { data: state.key === key ? state.data : null, error: state.error, loading: state.loading, reload };
}
