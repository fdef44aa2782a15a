import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, messageOf } from '../lib/api';
import { ago, dateTime, instant } from '../lib/format';
import { Icon, type IconName } from './icons';
import { toast } from './toast';

export function Page({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Berth`;
    // A new page begins at its heading, as it would had the browser loaded it.
    if (document.activeElement === null || document.activeElement === document.body || document.activeElement.closest('nav')) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [title]);
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function Card({ title, actions, children, className = '' }: { title?: string; actions?: ComponentChildren; children: ComponentChildren; className?: string }) {
  return (
    <section class={`card ${className}`}>
      {(title || actions) && (
        <header class="card-head">
          {title && <h2>{title}</h2>}
          {actions && <div class="actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  /** Read out instead of the text, or where there is none. */
  label?: string;
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  small?: boolean;
  disabled?: boolean;
  type?: 'button' | 'submit';
  /** While it runs the button is busy; what goes wrong is told in a message. */
  onPress?: () => unknown;
  pressed?: boolean;
}

export function Button({ children, icon, label, kind = 'plain', small, disabled, type = 'button', onPress, pressed }: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const shown = useRef(true);
  useEffect(() => () => void (shown.current = false), []);
  const press = async () => {
    if (!onPress || busy) return;
    try {
      const result = onPress();
      if (result instanceof Promise) {
        setBusy(true);
        await result;
      }
    } catch (e) {
      toast(messageOf(e), 'bad');
    } finally {
      if (shown.current) setBusy(false);
    }
  };
  return (
    <button
      type={type}
      class={`button ${kind} ${small ? 'small' : ''} ${children ? '' : 'icon-only'}`}
      disabled={disabled}
      aria-busy={busy}
      aria-label={label}
      aria-pressed={pressed}
      title={children ? undefined : label}
      onClick={onPress ? () => void press() : undefined}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export type Tone = 'ok' | 'warn' | 'bad' | 'idle' | 'info';

export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`pill ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

/** What went wrong, with its cause, and a way to try again; what was known before stays on the page. */
export function ErrorBox({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  if (!error) return null;
  const down = error instanceof ApiError && error.unavailable;
  return (
    <div class="error-box" role="alert">
      <Icon name="warning" />
      <div>
        <p>
          <strong>{down ? `${what}: the service is down` : `${what}: not shown`}</strong>
        </p>
        <p>{messageOf(error)}</p>
      </div>
      {retry && (
        <Button small onPress={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

export function Loading() {
  return (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" />
      Loading
    </div>
  );
}

export function Time({ at }: { at: number | string | undefined | null }) {
  const date = instant(at);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => !document.hidden && tick((n) => n + 1), 15_000);
    return () => window.clearInterval(timer);
  }, []);
  return date === null ? (
    <span>–</span>
  ) : (
    <time dateTime={date.toISOString()} title={dateTime(date)}>
      {ago(date)}
    </time>
  );
}

export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <Button
      kind="quiet"
      small
      icon="copy"
      label={`Copy ${label}`}
      onPress={async () => {
        await navigator.clipboard.writeText(text);
        toast(`${label} copied`, 'ok');
      }}
    />
  );
}

/** Names and values, in two columns. */
export function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value === '' || value === undefined || value === null ? '–' : value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function SearchBox({ value, onChange, label, shortcut = true }: { value: string; onChange: (text: string) => void; label: string; shortcut?: boolean }) {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        data-search={shortcut ? '' : undefined}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

export function Bar({ share, label, tone = 'info' }: { share: number; label: string; tone?: Tone }) {
  const value = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
  return (
    <div class={`bar ${tone}`} role="img" aria-label={label}>
      <div class="bar-fill" style={{ width: `${(value * 100).toFixed(1)}%` }} />
    </div>
  );
}

export function Tabs({ tabs, current }: { tabs: { id: string; label: string; href: string }[]; current: string }) {
  return (
    <nav class="tabs" aria-label="Views">
      {tabs.map((tab) => (
        <a key={tab.id} href={tab.href} aria-current={tab.id === current ? 'page' : undefined}>
          {tab.label}
        </a>
      ))}
    </nav>
  );
}
