import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { plain, spans } from '../lib/ansi';
import { messageOf, path, url } from '../lib/api';
import { FrameDecoder, LineAssembler, type Line } from '../lib/frames';
import { keepStream, pieces, type StreamState } from '../lib/stream';
import { Button, SearchBox } from './basics';

const KEPT = 5000;
const SHOWN = 1500;

interface LogLine extends Line {
  number: number;
  time: string;
  plain: string;
}

/** A container's output: the last lines, then what it writes. */
export function Logs({ id, tty }: { id: string; tty: boolean }) {
  const [follow, setFollow] = useState(true);
  const [times, setTimes] = useState(false);
  const [wrap, setWrap] = useState(true);
  const [only, setOnly] = useState<'both' | 'stdout' | 'stderr'>('both');
  const [tail, setTail] = useState('500');
  const [query, setQuery] = useState('');
  const [lines, setLines] = useState<LogLine[]>([]);
  const [state, setState] = useState<StreamState>('connecting');
  const [error, setError] = useState<unknown>(null);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);

  useEffect(() => {
    let kept: LogLine[] = [];
    let number = 0;
    let last: string | null = null;
    let frame = 0;
    setLines([]);
    setError(null);
    const add = (found: Line[]) => {
      for (const line of found) {
        // Each begins with its time, which also tells what has been shown when the stream had to be opened again.
        const space = line.text.indexOf(' ');
        const time = space > 0 ? line.text.slice(0, space) : '';
        const text = space > 0 ? line.text.slice(space + 1) : line.text;
        if (last !== null && time !== '' && time <= last && reopened) continue;
        if (time !== '') last = time;
        kept.push({ stream: line.stream, text, time, number: number++, plain: plain(text) });
      }
      if (kept.length > KEPT) kept = kept.slice(-KEPT);
      if (frame === 0) {
        frame = requestAnimationFrame(() => {
          frame = 0;
          setLines(kept.slice());
        });
      }
    };
    let reopened = false;
    const end = keepStream({
      target: () => {
        reopened = last !== null;
        return url(path`/containers/${id}/logs`, {
          stdout: only !== 'stderr',
          stderr: only !== 'stdout',
          follow,
          timestamps: true,
          tail: last === null ? tail : 'all',
          since: last ?? undefined,
        });
      },
      read: async (response) => {
        const assembler = new LineAssembler();
        if (tty || !(response.headers.get('Content-Type') ?? '').includes('multiplexed')) {
          await pieces(response, (piece) => add(assembler.push('stdout', piece)));
        } else {
          const decoder = new FrameDecoder();
          await pieces(response, (piece) => decoder.push(piece).forEach((each) => add(assembler.push(each.stream, each.content))));
        }
        add(assembler.end());
      },
      // A log that is followed ends when the container does.
      again: () => false,
      state: (next, cause) => {
        setState(next);
        setError(next === 'waiting' || next === 'ended' ? cause : null);
      },
    });
    return () => {
      end();
      cancelAnimationFrame(frame);
    };
  }, [id, tty, follow, only, tail]);

  const needle = query.toLowerCase();
  const found = useMemo(() => (needle === '' ? lines : lines.filter((line) => line.plain.toLowerCase().includes(needle))), [lines, needle]);
  const shown = found.length > SHOWN ? found.slice(-SHOWN) : found;

  useEffect(() => {
    const element = box.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [shown]);

  return (
    <div class="stack">
      <div class="toolbar">
        <SearchBox value={query} onChange={setQuery} label="Search in the log" />
        <label class="field-inline">
          Lines
          <select value={tail} onChange={(event) => setTail(event.currentTarget.value)}>
            <option value="100">100</option>
            <option value="500">500</option>
            <option value="5000">5000</option>
          </select>
        </label>
        {!tty && (
          <label class="field-inline">
            Stream
            <select value={only} onChange={(event) => setOnly(event.currentTarget.value as typeof only)}>
              <option value="both">both</option>
              <option value="stdout">output</option>
              <option value="stderr">errors</option>
            </select>
          </label>
        )}
        <label class="check">
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />
          Follow
        </label>
        <label class="check">
          <input type="checkbox" checked={times} onChange={(event) => setTimes(event.currentTarget.checked)} />
          Times
        </label>
        <label class="check">
          <input type="checkbox" checked={wrap} onChange={(event) => setWrap(event.currentTarget.checked)} />
          Wrap
        </label>
        <Button
          small
          icon="download"
          onPress={() => {
            const link = document.createElement('a');
            link.href = URL.createObjectURL(new Blob([found.map((line) => `${line.time} ${line.plain}\n`).join('')], { type: 'text/plain' }));
            link.download = `${id.slice(0, 12)}.log`;
            link.click();
            window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
          }}
        >
          Save
        </Button>
        <span class="muted count" role="status">
          {needle === '' ? `${lines.length} lines` : `${found.length} of ${lines.length} lines`}
          {state === 'live' && follow ? ' · live' : state === 'waiting' ? ' · connecting again' : ''}
        </span>
      </div>
      {error !== null && (
        <p class="error-text" role="alert">
          {messageOf(error)}
        </p>
      )}
      <div
        ref={box}
        class={`log ${wrap ? 'wrap' : ''}`}
        tabIndex={0}
        role="log"
        aria-label="Log"
        aria-live="off"
        onScroll={(event) => {
          const element = event.currentTarget;
          atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
        }}
      >
        {shown.length < found.length && <div class="log-note">{found.length - shown.length} earlier lines are found by a search</div>}
        {shown.length === 0 && <div class="log-note">{state === 'connecting' ? 'Loading' : needle === '' ? 'Nothing has been written' : 'No line fits the search'}</div>}
        {shown.map((line) => (
          <div key={line.number} class={`log-line ${line.stream}`}>
            {times && <span class="log-time">{line.time.slice(0, 23).replace('T', ' ')} </span>}
            {needle === '' ? (
              spans(line.text).map((span, i) => (
                <span key={i} class={span.className}>
                  {span.text}
                </span>
              ))
            ) : (
              <Marked text={line.plain} needle={needle} />
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

function Marked({ text, needle }: { text: string; needle: string }) {
  const parts: { text: string; hit: boolean }[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    parts.push({ text: text.slice(from, at), hit: false }, { text: text.slice(at, at + needle.length), hit: true });
    from = at + needle.length;
  }
  parts.push({ text: text.slice(from), hit: false });
  return (
    <span>
      {parts.map((part, i) => (part.hit ? <mark key={i}>{part.text}</mark> : part.text))}
    </span>
  );
}
