import { useMemo, useState } from 'preact/hooks';
import { eventState, recentEvents } from '../lib/events';
import { clock, shortId } from '../lib/format';
import { href } from '../lib/router';
import { useSignal } from '../lib/signal';
import type { EventMessage } from '../lib/types';
import { Button, Empty, Page, Pill, type Tone } from '../components/basics';
import { Table, type Column } from '../components/table';

export function toneOfEvent(action: string): Tone {
  if (/^(die|kill|oom|destroy|delete|untag|prune)/.test(action) || action.includes('unhealthy')) return action.startsWith('oom') || action.includes('unhealthy') ? 'bad' : 'warn';
  if (/^(start|create|pull|load|unpause|connect|mount|health_status: healthy)/.test(action)) return 'ok';
  return 'idle';
}

export function subjectOf(event: EventMessage): string {
  return event.Actor.Attributes?.['name'] ?? shortId(event.Actor.ID);
}

export function Subject({ event }: { event: EventMessage }) {
  const name = subjectOf(event);
  return event.Type === 'container' && event.Action !== 'destroy' ? <a href={href(`/containers/${event.Actor.ID}`)}>{name}</a> : <span>{name}</span>;
}

const COLUMNS: Column<EventMessage>[] = [
  { id: 'time', title: 'Time', cell: (row) => <time dateTime={new Date(row.time * 1000).toISOString()}>{clock(new Date(row.time * 1000))}</time>, className: 'mono' },
  { id: 'type', title: 'About', cell: (row) => row.Type },
  { id: 'action', title: 'What', cell: (row) => <Pill tone={toneOfEvent(row.Action)}>{row.Action}</Pill> },
  { id: 'subject', title: 'Which', className: 'main', cell: (row) => <Subject event={row} /> },
  {
    id: 'details',
    title: 'Details',
    minor: true,
    cell: (row) => (
      <span class="muted small-text clip">
        {Object.entries(row.Actor.Attributes ?? {})
          .filter(([key]) => ['image', 'exitCode', 'signal', 'container', 'driver', 'execID'].includes(key))
          .map(([key, value]) => `${key} ${/^[0-9a-f]{64}$/.test(value) ? shortId(value) : value}`)
          .join(', ')}
      </span>
    ),
  },
];

export function Events() {
  const events = useSignal(recentEvents);
  const state = useSignal(eventState);
  const [type, setType] = useState('');
  const [held, setHeld] = useState<EventMessage[] | null>(null);
  const source = held ?? events;
  const rows = useMemo(() => source.filter((each) => type === '' || each.Type === type), [source, type]);
  return (
    <Page
      title="Events"
      lead={state === 'live' ? <Pill tone="ok">live</Pill> : <Pill tone="warn">connecting again</Pill>}
      actions={
        <Button icon={held ? 'play' : 'pause'} pressed={held !== null} onPress={() => setHeld(held ? null : events)}>
          {held ? 'Go on' : 'Hold'}
        </Button>
      }
    >
      <Table
        caption="Events"
        rows={rows}
        columns={COLUMNS}
        rowKey={(row) => `${row.timeNano}${row.Action}${row.Actor.ID}`}
        text={(row) => `${row.Type} ${row.Action} ${subjectOf(row)} ${row.Actor.ID} ${Object.values(row.Actor.Attributes ?? {}).join(' ')}`}
        filters={
          <label class="field-inline">
            About
            <select value={type} onChange={(event) => setType(event.currentTarget.value)}>
              <option value="">everything</option>
              {['container', 'image', 'network', 'volume', 'builder'].map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
          </label>
        }
        empty={<Empty title="Nothing has happened in the last quarter of an hour" />}
      />
    </Page>
  );
}
