import { useEffect, useState } from 'preact/hooks';

/** A value that components can watch. */
export interface Signal<T> {
  value: T;
  watch(listener: (value: T) => void): () => void;
}

export function signal<T>(initial: T): Signal<T> {
  let current = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get value() {
      return current;
    },
    set value(next: T) {
      if (!Object.is(next, current)) {
        current = next;
        [...listeners].forEach((listener) => listener(next));
      }
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useSignal<T>(source: Signal<T>): T {
  const [value, setValue] = useState(source.value);
  useEffect(() => {
    setValue(() => source.value);
    return source.watch((next) => setValue(() => next));
  }, [source]);
  return value;
}
