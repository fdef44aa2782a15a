import { useMemo, useState } from 'preact/hooks';
import { call, get, messageOf, path, post } from '../lib/api';
import { useEvents } from '../lib/events';
import { bytes } from '../lib/format';
import { useResource } from '../lib/resource';
import { href } from '../lib/router';
import { may } from '../lib/session';
import type { ContainerSummary, DiskUsage, Volume } from '../lib/types';
import { Button, Empty, ErrorBox, Page, Pill, Time } from '../components/basics';
import { confirm, Dialog } from '../components/dialog';
import { prune } from '../components/prune';
import { Table, type Column } from '../components/table';
import { nameOf } from './containers';

interface Row extends Volume {
  users: ContainerSummary[];
}

export function Volumes() {
  const list = useResource(
    async (signal) => {
      const [volumes, containers] = await Promise.all([
        get<{ Volumes: Volume[] | null }>('/volumes', {}, signal),
        get<ContainerSummary[]>('/containers/json', { all: true }, signal),
      ]);
      return (volumes.Volumes ?? []).map((volume): Row => ({ ...volume, users: containers.filter((each) => each.Mounts?.some((mount) => mount.Name === volume.Name)) }));
    },
    'volumes',
    60_000,
  );
  // Measuring takes longer than listing: it comes when it comes.
  const usage = useResource((signal) => get<DiskUsage>('/system/df', { type: 'volume', verbose: true }, signal), 'volume sizes', 120_000);
  useEvents(['volume', 'container'], list.reload);
  const [making, setMaking] = useState(false);
  const change = may('change');
  const sizes = useMemo(() => new Map((usage.data?.VolumeUsage?.Items ?? usage.data?.Volumes ?? []).map((each) => [each.Name, each.UsageData?.Size])), [usage.data]);
  const columns: Column<Row>[] = useMemo(
    () => [
      {
        id: 'name',
        title: 'Name',
        className: 'main',
        sort: (row) => row.Name,
        cell: (row) => <span class={/^[0-9a-f]{64}$/.test(row.Name) ? 'mono' : ''}>{/^[0-9a-f]{64}$/.test(row.Name) ? row.Name.slice(0, 20) + '…' : row.Name}</span>,
      },
      { id: 'size', title: 'Size', className: 'number', sort: (row) => sizes.get(row.Name) ?? -1, cell: (row) => bytes(sizes.get(row.Name)) },
      {
        id: 'users',
        title: 'Used by',
        sort: (row) => -row.users.length,
        cell: (row) =>
          row.users.length === 0 ? (
            <Pill tone="idle">unused</Pill>
          ) : (
            row.users.slice(0, 3).map((each, i) => (
              <span key={each.Id}>
                {i > 0 && ', '}
                <a href={href(`/containers/${each.Id}`)}>{nameOf(each)}</a>
              </span>
            ))
          ),
      },
      { id: 'driver', title: 'Driver', sort: (row) => row.Driver, cell: (row) => row.Driver, minor: true },
      { id: 'created', title: 'Created', sort: (row) => -new Date(row.CreatedAt ?? 0).getTime(), cell: (row) => <Time at={row.CreatedAt} />, minor: true },
      ...(change
        ? [
            {
              id: 'actions',
              title: '',
              className: 'row-actions',
              cell: (row: Row) => (
                <div class="actions">
                  <Button
                    kind="quiet"
                    icon="trash"
                    label={`Remove volume ${row.Name}`}
                    disabled={row.users.length > 0}
                    onPress={() =>
                      confirm({
                        title: `Remove the volume ${row.Name}?`,
                        text: <p>All that is in it is lost.</p>,
                        action: 'Remove',
                        danger: true,
                        run: async () => {
                          await call('DELETE', path`/volumes/${row.Name}`);
                          list.reload();
                        },
                      })
                    }
                  />
                </div>
              ),
            },
          ]
        : []),
    ],
    [sizes, change],
  );
  return (
    <Page
      title="Volumes"
      actions={
        change && (
          <>
            {may('administrate') && (
              <Button
                icon="trash"
                onPress={() =>
                  prune({
                    title: 'Remove unused volumes?',
                    text: <p>Anonymous volumes that no container uses are removed with all that is in them.</p>,
                    option: 'Those with a name, too',
                    action: 'Remove unused',
                    target: '/volumes/prune',
                    query: (all): Record<string, string> => (all ? { filters: JSON.stringify({ all: ['true'] }) } : {}),
                    done: list.reload,
                  })
                }
              >
                Remove unused
              </Button>
            )}
            <Button kind="primary" icon="plus" onPress={() => setMaking(true)}>
              Create a volume
            </Button>
          </>
        )
      }
    >
      <ErrorBox error={list.error} what="Volumes" retry={list.reload} />
      <Table
        caption="Volumes"
        rows={list.data}
        error={list.error}
        columns={columns}
        rowKey={(row) => row.Name}
        text={(row) => `${row.Name} ${row.Driver} ${row.users.map(nameOf).join(' ')}`}
        initialSort="name"
        empty={<Empty title="No volumes yet" />}
      />
      {making && <Create title="Create a volume" label="Name" create={(name) => post('/volumes/create', {}, { Name: name })} onClose={() => setMaking(false)} made={list.reload} />}
    </Page>
  );
}

export function Create({ title, label, create, onClose, made }: { title: string; label: string; create: (name: string) => Promise<unknown>; onClose: () => void; made: () => void }) {
  const [name, setName] = useState('');
  const [error, setError] = useState<string | null>(null);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          create(name.trim()).then(
            () => {
              made();
              onClose();
            },
            (e: unknown) => setError(messageOf(e)),
          );
        }}
      >
        <label class="stack-tight">
          {label}
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} spellcheck={false} autoComplete="off" />
        </label>
        {error && (
          <p class="error-text" role="alert">
            {error}
          </p>
        )}
        <div class="dialog-actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Create
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
