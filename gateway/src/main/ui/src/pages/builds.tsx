import { useMemo } from 'preact/hooks';
import { get } from '../lib/api';
import { useEvents } from '../lib/events';
import { bytes, duration, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { BuildCacheRecord, BuildView, DiskUsage } from '../lib/types';
import { Button, Card, Empty, ErrorBox, Page, Pill, Time } from '../components/basics';
import { prune } from '../components/prune';
import { Table, type Column } from '../components/table';

const COLUMNS: Column<BuildCacheRecord>[] = [
  { id: 'what', title: 'Step', className: 'main', sort: (row) => row.Description, cell: (row) => <code class="clip">{row.Description || row.ID}</code> },
  { id: 'type', title: 'Kind', sort: (row) => row.Type, cell: (row) => row.Type, minor: true },
  { id: 'size', title: 'Size', className: 'number', sort: (row) => row.Size, cell: (row) => bytes(row.Size) },
  { id: 'state', title: 'State', sort: (row) => String(row.InUse), cell: (row) => (row.InUse ? <Pill tone="ok">in use</Pill> : <Pill tone="idle">{row.Shared ? 'shared' : 'unused'}</Pill>) },
  { id: 'count', title: 'Used', className: 'number', sort: (row) => row.UsageCount, cell: (row) => row.UsageCount, minor: true },
  { id: 'used', title: 'Last used', sort: (row) => -new Date(row.LastUsedAt ?? row.CreatedAt).getTime(), cell: (row) => <Time at={row.LastUsedAt ?? row.CreatedAt} /> },
];

const BUILDS: Column<BuildView>[] = [
  {
    id: 'names',
    title: 'Result',
    className: 'main',
    sort: (row) => row.names[0] ?? '~',
    cell: (row) => (
      <div class="two-lines">
        <span>{row.names.join(', ') || row.target || 'without a name'}</span>
        {row.error && <span class="error-text">{row.error}</span>}
      </div>
    ),
  },
  {
    id: 'state',
    title: 'State',
    sort: (row) => (row.ended ? (row.error ? 'failed' : 'done') : 'running'),
    cell: (row) => (!row.ended ? <Pill tone="warn">under way</Pill> : row.error ? <Pill tone="bad">failed</Pill> : <Pill tone="ok">done</Pill>),
  },
  { id: 'steps', title: 'Steps', className: 'number', sort: (row) => row.steps, cell: (row) => `${row.steps}, ${row.cached} cached`, minor: true },
  { id: 'by', title: 'By', sort: (row) => row.by, cell: (row) => row.by || 'socket', minor: true },
  {
    id: 'took',
    title: 'Took',
    className: 'number',
    sort: (row) => took(row) ?? Infinity,
    cell: (row) => (row.ended ? duration(took(row)!) : '–'),
  },
  { id: 'created', title: 'Begun', sort: (row) => -new Date(row.created).getTime(), cell: (row) => <Time at={row.created} /> },
];

/** Seconds. */
function took(row: BuildView): number | null {
  return row.ended ? (new Date(row.ended).getTime() - new Date(row.created).getTime()) / 1000 : null;
}

export function Builds() {
  const builds = useResource((signal) => get<BuildView[]>('/berth/builds', {}, signal), 'build list', 5_000);
  const usage = useResource((signal) => get<DiskUsage>('/system/df', { type: 'build-cache', verbose: true }, signal), 'builds', 30_000);
  useEvents(['builder', 'image'], usage.reload);
  const records = useMemo(() => (usage.data ? (usage.data.BuildCacheUsage?.Items ?? usage.data.BuildCache ?? []) : null), [usage.data]);
  const total = records?.reduce((sum, each) => sum + each.Size, 0) ?? 0;
  const free = records?.filter((each) => !each.InUse).reduce((sum, each) => sum + each.Size, 0) ?? 0;
  return (
    <Page
      title="Builds"
      lead="The last builds by docker build, and what they keep so that the next one is faster."
      actions={
        may('administrate') && (
          <Button
            icon="trash"
            onPress={() =>
              prune({
                title: 'Prune the build cache?',
                text: <p>Steps that no image needs are removed. The next builds do them again.</p>,
                option: 'All of it, also what is still of use',
                action: 'Prune',
                target: '/build/prune',
                query: (all) => ({ all: String(all) }),
                done: usage.reload,
              })
            }
          >
            Prune
          </Button>
        )
      }
    >
      <ErrorBox error={builds.error} what="Builds" retry={builds.reload} />
      <Table
        caption="Builds"
        rows={builds.data}
        error={builds.error}
        columns={BUILDS}
        rowKey={(row) => row.ref}
        text={(row) => `${row.names.join(' ')} ${row.by} ${row.project} ${row.target ?? ''}`}
        initialSort="created"
        empty={<Empty title="Nothing was built since the image service started">Builds of the classic builder are not listed.</Empty>}
      />
      <ErrorBox error={usage.error} what="Build cache" retry={usage.reload} />
      {records && (
        <div class="tiles">
          <Card className="tile">
            <span class="tile-value">{bytes(total)}</span>
            <span class="muted">in {plural(records.length, 'step')}</span>
          </Card>
          <Card className="tile">
            <span class="tile-value">{bytes(free)}</span>
            <span class="muted">not in use</span>
          </Card>
        </div>
      )}
      <Table
        caption="Build cache"
        rows={records}
        error={usage.error}
        columns={COLUMNS}
        rowKey={(row) => row.ID}
        text={(row) => `${row.Description} ${row.ID} ${row.Type}`}
        initialSort="used"
        empty={
          <Empty title="Nothing is cached">
            Build with <code>docker build</code> or <code>docker buildx build</code>.
          </Empty>
        }
      />
    </Page>
  );
}
