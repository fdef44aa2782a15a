import { useEffect, useState } from 'preact/hooks';

export const BASE = '/ui';

/** Matches a path with a pattern such as /containers/:id/:tab? or /registry/*name; null when it does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/').filter(Boolean);
  const given = path.split('/').filter(Boolean);
  const found: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i++) {
    const part = wanted[i]!;
    if (part.startsWith('*')) {
      const rest = given.slice(i);
      if (rest.length === 0) return null;
      found[part.slice(1)] = rest.map(decoded).join('/');
      return found;
    }
    const optional = part.endsWith('?');
    const value = given[i];
    if (part.startsWith(':')) {
      const name = part.slice(1, optional ? -1 : undefined);
      if (value === undefined) {
        if (!optional) return null;
      } else {
        found[name] = decoded(value);
      }
    } else if (value !== part) {
      return null;
    }
  }
  return given.length > wanted.length ? null : found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function currentPath(): string {
  const path = location.pathname;
  return path.startsWith(BASE) ? path.slice(BASE.length) || '/' : '/';
}

const changed = new EventTarget();

/** Goes to a path below /ui. */
export function go(path: string, replace = false): void {
  const target = BASE + (path === '/' ? '' : path);
  if (replace) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  changed.dispatchEvent(new Event('change'));
}

export function href(path: string): string {
  return BASE + (path === '/' ? '' : path);
}

/** The path and query below /ui, as they are now. */
export function useLocation(): { path: string; query: URLSearchParams } {
  const [at, setAt] = useState(() => currentPath() + location.search);
  useEffect(() => {
    const update = () => setAt(currentPath() + location.search);
    const click = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.('a');
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
      if (link.pathname !== BASE && !link.pathname.startsWith(BASE + '/')) return;
      if (link.hash && link.pathname === location.pathname) return;
      event.preventDefault();
      go(link.pathname.slice(BASE.length) + link.search || '/');
      window.scrollTo(0, 0);
    };
    window.addEventListener('popstate', update);
    changed.addEventListener('change', update);
    document.addEventListener('click', click);
    return () => {
      window.removeEventListener('popstate', update);
      changed.removeEventListener('change', update);
      document.removeEventListener('click', click);
    };
  }, []);
  const [path = '/', query = ''] = at.split('?');
  return { path, query: new URLSearchParams(query) };
}
