import { signal, useSignal } from '../lib/signal';
import { Icon } from './icons';

interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'bad';
}

const toasts = signal<Toast[]>([]);
let next = 1;

/** Tells the user something that happened, on the screen and to screen readers. */
export function toast(text: string, tone: 'ok' | 'bad'): void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone }];
  window.setTimeout(() => dismiss(id), tone === 'bad' ? 12_000 : 5_000);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts() {
  const shown = useSignal(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map((each) => (
        <div key={each.id} class={`toast ${each.tone}`}>
          <Icon name={each.tone === 'ok' ? 'check' : 'warning'} />
          <span>{each.text}</span>
          <button type="button" class="button quiet icon-only small" aria-label="Dismiss" onClick={() => dismiss(each.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
