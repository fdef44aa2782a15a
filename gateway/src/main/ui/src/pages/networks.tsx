import { useMemo, useState } from 'preact/hooks';
import { call, get, path, post } from '../lib/api';
import { useEvents } from '../lib/events';
import { exposures, REACH_TEXT, widest, type Reach } from '../lib/exposure';
import { BOX, layout, type MapBox, type NetMap } from '../lib/netmap';
import { useResource } from '../lib/resource';
import { go, href } from '../lib/router';
import { may } from '../lib/session';
import type { ContainerSummary, Network } from '../lib/types';
import { Button, Card, Empty, ErrorBox, Loading, Page, Pill, type Tone } from '../components/basics';
import { confirm } from '../components/dialog';
import { PortList } from '../components/ports';
import { Table, type Column } from '../components/table';
import { toast } from '../components/toast';
import { nameOf } from './containers';
import { Create } from './volumes';

const BUILT_IN = ['bridge', 'host', 'none'];
const MOST = 40;

export function Networks() {
  const list = useResource(
    async (signal) => {
      const [networks, containers] = await Promise.all([get<Network[]>('/networks', {}, signal), get<ContainerSummary[]>('/containers/json', { all: true }, signal)]);
      return { networks, containers };
    },
    'networks',
    60_000,
  );
  useEvents(['network', 'container'], list.reload);
  const [only, setOnly] = useState('');
  const [making, setMaking] = useState(false);
  const change = may('change');
  const containers = list.data?.containers ?? [];
  const membersOf = (name: string) => containers.filter((each) => each.State === 'running' && name in (each.NetworkSettings?.Networks ?? {}));

  const map = useMemo(() => (list.data ? layout(list.data.containers, list.data.networks, only, MOST) : null), [list.data, only]);
  const columns: Column<Network>[] = useMemo(
    () => [
      { id: 'name', title: 'Name', className: 'main', sort: (row) => row.Name, cell: (row) => row.Name },
      { id: 'subnet', title: 'Subnet', cell: (row) => <span class="mono">{row.IPAM?.Config?.map((each) => each.Subnet).filter(Boolean).join(', ') || '–'}</span> },
      { id: 'driver', title: 'Driver', sort: (row) => row.Driver, cell: (row) => (row.Internal ? `${row.Driver}, internal` : row.Driver) },
      { id: 'containers', title: 'Running', className: 'number', sort: (row) => -membersOf(row.Name).length, cell: (row) => membersOf(row.Name).length },
      ...(change
        ? [
            {
              id: 'actions',
              title: '',
              className: 'row-actions',
              cell: (row: Network) => (
                <div class="actions">
                  {!BUILT_IN.includes(row.Name) && (
                    <Button
                      kind="quiet"
                      icon="trash"
                      label={`Remove network ${row.Name}`}
                      onPress={() =>
                        confirm({
                          title: `Remove the network ${row.Name}?`,
                          text: <p>It must have no running containers.</p>,
                          action: 'Remove',
                          danger: true,
                          run: async () => {
                            await call('DELETE', path`/networks/${row.Id}`);
                            list.reload();
                          },
                        })
                      }
                    />
                  )}
                </div>
              ),
            },
          ]
        : []),
    ],
    [containers, change],
  );
  const exposed = containers.filter((each) => each.State === 'running' && exposures(each.Ports).length > 0);

  return (
    <Page
      title="Networks"
      actions={
        change && (
          <>
            {may('administrate') && (
              <Button
                icon="trash"
                onPress={() =>
                  confirm({
                    title: 'Remove unused networks?',
                    text: <p>Networks without containers are removed.</p>,
                    action: 'Remove unused',
                    danger: true,
                    run: async () => {
                      const report = await post<{ NetworksDeleted?: string[] | null }>('/networks/prune');
                      toast(`${report?.NetworksDeleted?.length ?? 0} removed`, 'ok');
                      list.reload();
                    },
                  })
                }
              >
                Remove unused
              </Button>
            )}
            <Button kind="primary" icon="plus" onPress={() => setMaking(true)}>
              Create a network
            </Button>
          </>
        )
      }
    >
      <ErrorBox error={list.error} what="Networks" retry={list.reload} />
      {!list.data && !list.error && <Loading />}
      {list.data && map && (
        <>
          <Card
            title="Who reaches what"
            actions={
              <label class="field-inline">
                Network
                <select value={only} onChange={(event) => setOnly(event.currentTarget.value)}>
                  <option value="">all</option>
                  {list.data.networks.map((each) => (
                    <option key={each.Id} value={each.Name}>
                      {each.Name}
                    </option>
                  ))}
                </select>
              </label>
            }
          >
            {map.boxes.some((each) => each.kind === 'container') ? <Drawn map={map} /> : <Empty title="No running container is in a network" />}
            {map.left > 0 && <p class="muted">{map.left} more containers are not drawn: choose a network.</p>}
          </Card>
          <Card title="Published ports">
            {exposed.length === 0 ? (
              <p class="muted">No port is published: nothing outside reaches a container.</p>
            ) : (
              <ul class="exposed">
                {exposed.map((each) => {
                  const ports = exposures(each.Ports);
                  const reach = widest(ports.map((port) => port.reach))!;
                  return (
                    <li key={each.Id}>
                      <a href={href(`/containers/${each.Id}`)}>{nameOf(each)}</a>
                      <Pill tone={TONES[reach]}>{REACH_TEXT[reach]}</Pill>
                      <PortList ports={ports} />
                    </li>
                  );
                })}
              </ul>
            )}
          </Card>
          <Table caption="Networks" rows={list.data.networks} columns={columns} rowKey={(row) => row.Id} text={(row) => `${row.Name} ${row.Driver}`} initialSort="name" empty={<Empty title="No networks" />} />
        </>
      )}
      {making && (
        <Create title="Create a network" label="Name" create={(name) => post('/networks/create', {}, { Name: name, Driver: 'bridge' })} onClose={() => setMaking(false)} made={list.reload} />
      )}
    </Page>
  );
}

const TONES: Record<Reach, Tone> = { loopback: 'ok', address: 'warn', everywhere: 'bad' };

function Drawn({ map }: { map: NetMap }) {
  const [over, setOver] = useState<string | null>(null);
  const related = (box: MapBox) => over === null || box.id === over || map.lines.some((line) => (line.from.id === over && line.to === box) || (line.to.id === over && line.from === box));
  const middle = (box: MapBox) => box.y + BOX.height / 2;
  return (
    <div class="map-wrap" tabIndex={0} role="region" aria-label="Map of networks; the lists below say the same">
      <svg class="map" viewBox={`-2 -2 ${map.width + 4} ${map.height + 4}`} width={map.width} height={map.height} role="img" aria-label={`Map of ${map.boxes.length} boxes`}>
        {map.lines.map((line) => {
          const x1 = line.from.x + BOX.width;
          const x2 = line.to.x;
          const bend = (x2 - x1) / 2;
          const dim = over !== null && line.from.id !== over && line.to.id !== over;
          return (
            <g key={line.id} class={`map-line ${line.reach ? `reach-${line.reach}` : ''} ${dim ? 'dim' : ''}`}>
              <path d={`M${x1} ${middle(line.from)}C${x1 + bend} ${middle(line.from)} ${x2 - bend} ${middle(line.to)} ${x2} ${middle(line.to)}`} />
              {line.label && (
                <text x={x2 - 8} y={middle(line.to) - 7} text-anchor="end">
                  {line.label.length > 18 ? line.label.slice(0, 17) + '…' : line.label}
                </text>
              )}
            </g>
          );
        })}
        {map.boxes.map((box) => (
          <g
            key={box.id}
            class={`map-box ${box.kind} ${box.reach ? `reach-${box.reach}` : ''} ${related(box) ? '' : 'dim'}`}
            transform={`translate(${box.x} ${box.y})`}
            onMouseEnter={() => setOver(box.id)}
            onMouseLeave={() => setOver(null)}
            onClick={() => box.kind === 'container' && go(`/containers/${box.id}`)}
          >
            <title>{`${box.title} ${box.note}`}</title>
            <rect width={BOX.width} height={BOX.height} rx={8} />
            <text class="map-title" x={12} y={20}>
              {clip(box.title, 24)}
            </text>
            <text class="map-note" x={12} y={36}>
              {clip(box.note, 28)}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
}

function clip(text: string, most: number): string {
  return text.length > most ? text.slice(0, most - 1) + '…' : text;
}
