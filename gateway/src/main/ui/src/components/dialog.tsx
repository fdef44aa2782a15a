import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../lib/api';
import { signal, useSignal } from '../lib/signal';
import { Button } from './basics';
import { Icon } from './icons';

/** A modal dialog: the browser keeps the focus inside, closes it with Escape, and gives the focus back. */
export function Dialog({ title, onClose, children, wide }: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Before the next key is pressed: the focus must not get away.
  useLayoutEffect(() => {
    const dialog = element.current!;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? 'wide' : ''}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div class="dialog-body">
        <header class="card-head">
          <h2 id={id}>{title}</h2>
          <Button kind="quiet" icon="close" label="Close" onPress={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  action: string;
  danger?: boolean;
  /** A box to tick, with what it says; its state is given to what is done. */
  option?: string;
  run: (option: boolean) => Promise<unknown>;
}

const question = signal<Question | null>(null);

/** Asks before something is done that cannot be undone. What goes wrong is told in the dialog, which stays. */
export function confirm(asked: Question): void {
  question.value = asked;
}

export function Confirmation() {
  const asked = useSignal(question);
  return asked && <Asked key={asked.title} asked={asked} />;
}

function Asked({ asked }: { asked: Question }) {
  const [option, setOption] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const close = () => (question.value = null);
  return (
    <Dialog title={asked.title} onClose={close}>
      <div class="stack">
        <div>{asked.text}</div>
        {asked.option && (
          <label class="check">
            <input type="checkbox" checked={option} onChange={(event) => setOption(event.currentTarget.checked)} />
            {asked.option}
          </label>
        )}
        {error && (
          <p class="error-text" role="alert">
            <Icon name="warning" /> {error}
          </p>
        )}
        <div class="dialog-actions">
          <Button onPress={close}>Cancel</Button>
          <Button
            kind={asked.danger ? 'danger' : 'primary'}
            onPress={async () => {
              try {
                await asked.run(option);
                close();
              } catch (e) {
                setError(messageOf(e));
              }
            }}
          >
            {asked.action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
