import { useState } from 'preact/hooks';
import { get } from '../lib/api';
import { dateTime } from '../lib/format';
import { useResource } from '../lib/resource';
import { Button, Empty, ErrorBox, Page, Pill } from '../components/basics';
import { Table, type Column } from '../components/table';

/** One call that changed something, or was to, as GET /api/audit tells of it. */
interface AuditEntry {
  id: number;
  time: string;
  who: string;
  role: string;
  from: string;
  source: string;
  method: string;
  path: string;
  detail: string;
  /** 0 when the client went before there was an answer. */
  status: number;
  millis: number;
  request: string;
}

interface AuditPage {
  entries: AuditEntry[];
  next?: number | null;
  lost: number;
}

const STEP = 200;
const MOST = 1000;

const COLUMNS: Column<AuditEntry>[] = [
  { id: 'time', title: 'When', sort: (row) => -row.id, cell: (row) => dateTime(row.time) },
  {
    id: 'who',
    title: 'Who',
    sort: (row) => row.who,
    cell: (row) => (
      <div class="two-lines">
        <span>{row.who || 'nobody'}</span>
        <span class="muted small-text">{[row.role, row.source].filter(Boolean).join(', ')}</span>
      </div>
    ),
  },
  {
    id: 'what',
    title: 'What',
    className: 'main',
    sort: (row) => row.path,
    cell: (row) => (
      <div class="two-lines">
        <span class="mono break">
          {row.method} {row.path}
        </span>
        {row.detail && <span class="muted small-text break">{row.detail}</span>}
      </div>
    ),
  },
  {
    id: 'status',
    title: 'Outcome',
    sort: (row) => row.status,
    cell: (row) => <Pill tone={row.status === 0 ? 'idle' : row.status >= 500 ? 'bad' : row.status >= 400 ? 'warn' : 'ok'}>{row.status === 0 ? 'gone' : String(row.status)}</Pill>,
  },
  { id: 'millis', title: 'Took', className: 'number', sort: (row) => row.millis, cell: (row) => `${row.millis} ms`, minor: true },
  { id: 'from', title: 'From', minor: true, sort: (row) => row.from, cell: (row) => <span class="mono">{row.from}</span> },
];

export function Audit() {
  const [count, setCount] = useState(STEP);
  const page = useResource((signal) => get<AuditPage>('/api/audit', { n: count }, signal), `audit ${count}`, 15_000);
  const rows = page.data?.entries ?? null;
  return (
    <Page title="Audit" lead="Every change, who made it and how it ended. Secrets are not in it.">
      <ErrorBox error={page.error} what="Audit" retry={page.reload} />
      {page.data && page.data.lost > 0 && <p class="error-text">{page.data.lost} entries could not be kept since the gateway was started.</p>}
      <Table
        caption="Audit"
        rows={rows}
        error={page.error}
        columns={COLUMNS}
        rowKey={(row) => String(row.id)}
        text={(row) => `${row.who} ${row.role} ${row.method} ${row.path} ${row.detail} ${row.status} ${row.from} ${row.request}`}
        initialSort="time"
        empty={<Empty title="Nothing has been changed yet" />}
      />
      {page.data?.next && count < MOST && (
        <div class="pager">
          <Button onPress={() => setCount(MOST)}>Show earlier entries</Button>
        </div>
      )}
    </Page>
  );
}
