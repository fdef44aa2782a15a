import type { Terminal as Xterm } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSignal } from '../lib/signal';
import { colour, dark } from '../lib/theme';

export interface Connection {
  socket: WebSocket;
  resize: (rows: number, columns: number) => void;
}

function colours() {
  return {
    background: colour('term-bg'),
    foreground: colour('term-text'),
    cursor: colour('term-text'),
    selectionBackground: colour('term-selection'),
  };
}

/** A terminal whose other end is a websocket of bytes. */
export function Terminal({ connect, onEnd }: { connect: (rows: number, columns: number) => Promise<Connection>; onEnd: (why: string) => void }) {
  const holder = useRef<HTMLDivElement>(null);
  const terminal = useRef<Xterm | null>(null);
  const [error, setError] = useState<string | null>(null);
  const isDark = useSignal(dark);

  useEffect(() => {
    let ended = false;
    const cleanup: (() => void)[] = [];
    void (async () => {
      const [{ Terminal: Made }, { FitAddon }] = await Promise.all([import('@xterm/xterm'), import('@xterm/addon-fit')]);
      const element = holder.current;
      if (ended || !element) return;
      const term = new Made({
        fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
        fontSize: 13,
        cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
        scrollback: 5000,
        screenReaderMode: false,
        theme: colours(),
      });
      terminal.current = term;
      cleanup.push(() => term.dispose());
      const fit = new FitAddon();
      term.loadAddon(fit);
      term.open(element);
      fit.fit();
      try {
        const { socket, resize } = await connect(term.rows, term.cols);
        cleanup.push(() => socket.close());
        if (ended) {
          socket.close();
          return;
        }
        const encoder = new TextEncoder();
        socket.onopen = () => term.focus();
        socket.onmessage = (message) => term.write(message.data instanceof ArrayBuffer ? new Uint8Array(message.data) : String(message.data));
        socket.onclose = (event) => !ended && onEnd(event.code === 1000 ? 'The program has ended.' : 'The connection was lost.');
        term.onData((text) => socket.readyState === WebSocket.OPEN && socket.send(encoder.encode(text)));
        term.onBinary((text) => socket.readyState === WebSocket.OPEN && socket.send(Uint8Array.from(text, (c) => c.charCodeAt(0))));
        term.onResize(({ rows, cols }) => resize(rows, cols));
        const observer = new ResizeObserver(() => fit.fit());
        observer.observe(element);
        cleanup.push(() => observer.disconnect());
      } catch (e) {
        setError(e instanceof Error ? e.message : String(e));
      }
    })();
    return () => {
      ended = true;
      cleanup.reverse().forEach((each) => each());
    };
  }, []);

  useEffect(() => {
    if (terminal.current) terminal.current.options.theme = colours();
  }, [isDark]);

  return (
    <div>
      {error && (
        <p class="error-text" role="alert">
          {error}
        </p>
      )}
      <div ref={holder} class="terminal-box" />
      <p class="muted small-text">Tab goes to the program; Ctrl+Shift+Escape leaves the terminal.</p>
    </div>
  );
}
