import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { call, get, path, post } from '../lib/api';
import { runQueued } from '../lib/queue';
import { useEvents } from '../lib/events';
import { exposures } from '../lib/exposure';
import { bytes, percent, shortId } from '../lib/format';
import { useResource } from '../lib/resource';
import { href } from '../lib/router';
import { may } from '../lib/session';
import { rates, sample, type RawStats, type Rates, type Sample } from '../lib/stats';
import type { ContainerSummary } from '../lib/types';
import { Button, Empty, ErrorBox, Page, Pill, Time, type Tone } from '../components/basics';
import { Sparkline } from '../components/chart';
import { confirm } from '../components/dialog';
import { Table, type Column } from '../components/table';
import { PortList } from '../components/ports';
import { Run } from './run';

export function nameOf(container: { Names: string[]; Id: string }): string {
  return container.Names[0]?.replace(/^\//, '') ?? shortId(container.Id);
}

export function toneOf(state: string, status = ''): Tone {
  if (status.includes('(unhealthy)')) return 'bad';
  if (status.includes('(health: starting)')) return 'warn';
  switch (state) {
    case 'running':
      return 'ok';
    case 'paused':
    case 'restarting':
    case 'removing':
      return 'warn';
    case 'dead':
      return 'bad';
    default:
      return 'idle';
  }
}

type Filter = 'all' | 'running' | 'stopped';

const ROUND_MILLIS = 3000;
const KEPT = 24;

/** Processor time and memory of what is on the screen, one sample each some seconds: few connections, whatever the number. */
function useLiveStats(visible: ContainerSummary[]): Map<string, Rates[]> {
  const [series, setSeries] = useState<Map<string, Rates[]>>(new Map());
  const wanted = useRef<string[]>([]);
  wanted.current = visible.filter((each) => each.State === 'running').map((each) => each.Id);
  useEffect(() => {
    const before = new Map<string, Sample>();
    const kept = new Map<string, Rates[]>();
    const abort = new AbortController();
    let timer: number | undefined;
    const round = async () => {
      const ids = wanted.current;
      if (!document.hidden && ids.length > 0) {
        await runQueued(ids, 2, async (id) => {
          try {
            const now = sample(await get<RawStats>(path`/containers/${id}/stats`, { stream: false, 'one-shot': true }, abort.signal));
            const last = before.get(id);
            const rate = last ? rates(last, now) : null;
            before.set(id, now);
            if (rate) kept.set(id, [...(kept.get(id) ?? []), rate].slice(-KEPT));
          } catch {
            before.delete(id);
          }
        });
        for (const id of [...kept.keys()]) if (!wanted.current.includes(id)) kept.delete(id);
        if (!abort.signal.aborted) setSeries(new Map(kept));
      }
      if (!abort.signal.aborted) timer = window.setTimeout(() => void round(), before.size > 0 && kept.size === 0 ? 1000 : ROUND_MILLIS);
    };
    timer = window.setTimeout(() => void round(), 100);
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, []);
  return series;
}

export async function act(container: { id: string; name: string }, action: string, query: Record<string, string | number> = {}): Promise<void> {
  await post(path`/containers/${container.id}/${action}`, query);
}

export function askRemove(container: { id: string; name: string; running: boolean }, removed?: () => void): void {
  confirm({
    title: `Remove ${container.name}?`,
    text: (
      <p>
        The container and what it has written to its own file system are removed.
        {container.running && ' It is running and will be killed.'}
      </p>
    ),
    option: 'Remove its anonymous volumes, too',
    action: 'Remove',
    danger: true,
    run: async (volumes) => {
      await call('DELETE', path`/containers/${container.id}`, { query: { force: container.running, v: volumes } });
      removed?.();
    },
  });
}

export function Containers() {
  const [filter, setFilter] = useState<Filter>('all');
  const [running, setRunning] = useState(false);
  const [visible, setVisible] = useState<ContainerSummary[]>([]);
  const [selected, setSelected] = useState<Set<string>>(new Set());
  const list = useResource((signal) => get<ContainerSummary[]>('/containers/json', { all: true }, signal), 'containers', 30_000);
  useEvents(['container'], list.reload);
  const live = useLiveStats(visible);
  const change = may('change');

  const rows = useMemo(
    () => list.data?.filter((each) => filter === 'all' || (filter === 'running') === (each.State === 'running' || each.State === 'paused')) ?? null,
    [list.data, filter],
  );
  const chosen = (list.data ?? []).filter((each) => selected.has(each.Id));

  const columns: Column<ContainerSummary>[] = useMemo(
    () => [
      ...(change
        ? [
            {
              id: 'select',
              title: '',
              className: 'select',
              cell: (row: ContainerSummary) => (
                <input
                  type="checkbox"
                  aria-label={`Select ${nameOf(row)}`}
                  checked={selected.has(row.Id)}
                  onChange={(event) => {
                    const next = new Set(selected);
                    if (event.currentTarget.checked) next.add(row.Id);
                    else next.delete(row.Id);
                    setSelected(next);
                  }}
                />
              ),
            },
          ]
        : []),
      {
        id: 'name',
        title: 'Name',
        className: 'main',
        sort: nameOf,
        cell: (row) => (
          <div class="two-lines">
            <a href={href(`/containers/${row.Id}`)}>{nameOf(row)}</a>
            <span class="muted mono">{row.Image.startsWith('sha256:') ? shortId(row.Image) : row.Image}</span>
          </div>
        ),
      },
      {
        id: 'state',
        title: 'State',
        sort: (row) => row.State,
        cell: (row) => (
          <div class="two-lines">
            <Pill tone={toneOf(row.State, row.Status)}>{row.State}</Pill>
            <span class="muted small-text">{row.Status}</span>
          </div>
        ),
      },
      {
        id: 'cpu',
        title: 'CPU',
        className: 'number',
        sort: (row) => live.get(row.Id)?.at(-1)?.cpuPercent ?? -1,
        cell: (row) => {
          const known = live.get(row.Id) ?? [];
          return (
            <span class="meter">
              <Sparkline values={known.map((each) => each.cpuPercent)} max={1} />
              <span class="meter-value">{percent(known.at(-1)?.cpuPercent)}</span>
            </span>
          );
        },
      },
      {
        id: 'memory',
        title: 'Memory',
        className: 'number',
        sort: (row) => live.get(row.Id)?.at(-1)?.memory ?? -1,
        cell: (row) => bytes(live.get(row.Id)?.at(-1)?.memory),
      },
      { id: 'ports', title: 'Ports', minor: true, cell: (row) => <PortList ports={exposures(row.Ports)} /> },
      { id: 'created', title: 'Created', minor: true, sort: (row) => -row.Created, cell: (row) => <Time at={row.Created} /> },
      ...(change
        ? [
            {
              id: 'actions',
              title: '',
              className: 'row-actions',
              cell: (row: ContainerSummary) => {
                const of = { id: row.Id, name: nameOf(row) };
                const isRunning = row.State === 'running';
                return (
                  <div class="actions">
                    {isRunning ? (
                      <Button kind="quiet" icon="stop" label={`Stop ${of.name}`} onPress={() => act(of, 'stop')} />
                    ) : row.State === 'paused' ? (
                      <Button kind="quiet" icon="play" label={`Resume ${of.name}`} onPress={() => act(of, 'unpause')} />
                    ) : (
                      <Button kind="quiet" icon="play" label={`Start ${of.name}`} onPress={() => act(of, 'start')} />
                    )}
                    <Button kind="quiet" icon="restart" label={`Restart ${of.name}`} disabled={!isRunning} onPress={() => act(of, 'restart')} />
                    <Button
                      kind="quiet"
                      icon="trash"
                      label={`Remove ${of.name}`}
                      onPress={() => askRemove({ ...of, running: isRunning || row.State === 'paused' }, list.reload)}
                    />
                  </div>
                );
              },
            },
          ]
        : []),
    ],
    [live, selected, change],
  );

  const forAll = (action: string, fits: (row: ContainerSummary) => boolean) => async () => {
    await runQueued(chosen.filter(fits), 3, (row) => act({ id: row.Id, name: nameOf(row) }, action));
    setSelected(new Set());
  };

  return (
    <Page
      title="Containers"
      actions={
        change && (
          <Button kind="primary" icon="plus" onPress={() => setRunning(true)}>
            Run a container
          </Button>
        )
      }
    >
      <ErrorBox error={list.error} what="Containers" retry={list.reload} />
      {chosen.length > 0 && (
        <div class="selection" role="region" aria-label="Selected containers">
          <span>{chosen.length} selected</span>
          <Button small onPress={forAll('start', (row) => row.State !== 'running')}>
            Start
          </Button>
          <Button small onPress={forAll('stop', (row) => row.State === 'running')}>
            Stop
          </Button>
          <Button small onPress={forAll('restart', (row) => row.State === 'running')}>
            Restart
          </Button>
          <Button
            small
            kind="danger"
            onPress={() =>
              confirm({
                title: `Remove ${chosen.length} containers?`,
                text: <p>They are killed where they run, and removed with what they have written to their own file systems.</p>,
                action: 'Remove all',
                danger: true,
                run: async () => {
                              await runQueued(chosen, 3, (row) => call('DELETE', path`/containers/${row.Id}`, { query: { force: true } }));
                  setSelected(new Set());
                  list.reload();
                },
              })
            }
          >
            Remove
          </Button>
          <Button small kind="quiet" onPress={() => setSelected(new Set())}>
            Clear
          </Button>
        </div>
      )}
      <Table
        caption="Containers"
        rows={rows}
        error={list.error}
        columns={columns}
        rowKey={(row) => row.Id}
        text={(row) => `${row.Names.join(' ')} ${row.Image} ${row.Id} ${row.State} ${Object.entries(row.Labels ?? {}).map(([k, v]) => `${k}=${v}`).join(' ')}`}
        initialSort="created"
        onVisible={setVisible}
        filters={
          <div class="segments" role="group" aria-label="Which containers">
            {(['all', 'running', 'stopped'] as const).map((each) => (
              <button key={each} type="button" aria-pressed={filter === each} onClick={() => setFilter(each)}>
                {each}
              </button>
            ))}
          </div>
        }
        empty={
          <Empty title={filter === 'all' ? 'No containers yet' : `No ${filter} containers`}>
            {filter === 'all' && change && (
              <>
                Run one here, or with <code>docker run</code>.
              </>
            )}
          </Empty>
        }
      />
      {running && <Run onClose={() => setRunning(false)} />}
    </Page>
  );
}
