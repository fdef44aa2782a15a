import { signal } from './signal';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'berth.theme';

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'system';
  } catch {
    return 'system';
  }
}

export const theme = signal<Theme>(stored());

/** Whether it is dark now, whoever decided it. */
export const dark = signal<boolean>(isDark());

const system = window.matchMedia('(prefers-color-scheme: dark)');
system.addEventListener('change', show);

function isDark(): boolean {
  return theme.value === 'dark' || (theme.value === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
}

/** What the style sheet goes by is what is drawn, also where the system has decided it. */
function show(): void {
  const now = isDark();
  document.documentElement.dataset['theme'] = now ? 'dark' : 'light';
  dark.value = now;
}

export function choose(next: Theme): void {
  theme.value = next;
  try {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // It holds for this visit then.
  }
  show();
}

/** A colour of the style sheet, for what draws by itself. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
