import { exposures, type Exposure, type Reach } from './exposure';
import type { ContainerSummary, Network } from './types';

export interface MapBox {
  id: string;
  kind: 'reach' | 'container' | 'network';
  title: string;
  note: string;
  reach?: Reach;
  x: number;
  y: number;
}

export interface MapLine {
  id: string;
  from: MapBox;
  to: MapBox;
  label: string;
  reach?: Reach;
}

export interface NetMap {
  boxes: MapBox[];
  lines: MapLine[];
  width: number;
  height: number;
  /** Containers that were left out because there are too many. */
  left: number;
}

export const BOX = { width: 190, height: 46 };
const COLUMNS = { reach: 0, container: 350, network: 680 };
const GAP = 14;

const REACH_TITLES: Record<Reach, [string, string]> = {
  everywhere: ['Everyone', 'who reaches the host'],
  address: ['One address', 'of the host'],
  loopback: ['This machine', 'only'],
};

/**
 * Places who may reach what: on the left those outside, in the middle the running containers, on the right the networks they
 * are in. Containers of a network stand together, in the order of the networks, so that few lines cross.
 *
 * @param only the name of a network, or empty for all
 */
export function layout(containers: ContainerSummary[], networks: Network[], only: string, most: number): NetMap {
  const networksOf = (container: ContainerSummary) => Object.keys(container.NetworkSettings?.Networks ?? {}).sort();
  const inside = containers
    .filter((each) => each.State === 'running' || each.State === 'paused')
    .filter((each) => only === '' || networksOf(each).includes(only))
    .sort((a, b) => (networksOf(a)[0] ?? '').localeCompare(networksOf(b)[0] ?? '') || (a.Names[0] ?? '').localeCompare(b.Names[0] ?? ''));
  const shown = inside.slice(0, most);
  const used = new Set(shown.flatMap(networksOf));
  const drawn = networks.filter((each) => used.has(each.Name) || (only === '' ? each.Driver !== 'null' && each.Name !== 'host' : each.Name === only)).sort((a, b) => a.Name.localeCompare(b.Name));

  const boxes: MapBox[] = [];
  const column = (count: number, most: number) => ((most - count) * (BOX.height + GAP)) / 2;
  const published = new Map<string, Exposure[]>(shown.map((each) => [each.Id, exposures(each.Ports)]));
  const reaches = (['everywhere', 'address', 'loopback'] as Reach[]).filter((reach) => [...published.values()].some((ports) => ports.some((port) => port.reach === reach)));
  const rows = Math.max(reaches.length, shown.length, drawn.length, 1);
  const place = (count: number, index: number) => column(count, rows) + index * (BOX.height + GAP);

  reaches.forEach((reach, i) =>
    boxes.push({ id: `reach:${reach}`, kind: 'reach', title: REACH_TITLES[reach][0], note: REACH_TITLES[reach][1], reach, x: COLUMNS.reach, y: place(reaches.length, i) }),
  );
  shown.forEach((each, i) =>
    boxes.push({
      id: each.Id,
      kind: 'container',
      title: (each.Names[0] ?? each.Id.slice(0, 12)).replace(/^\//, ''),
      note: Object.values(each.NetworkSettings?.Networks ?? {})
        .map((endpoint) => endpoint.IPAddress)
        .filter(Boolean)
        .join(', '),
      x: COLUMNS.container,
      y: place(shown.length, i),
    }),
  );
  drawn.forEach((each, i) =>
    boxes.push({
      id: `network:${each.Name}`,
      kind: 'network',
      title: each.Name,
      note: each.Internal ? 'internal: no way out' : each.Name === 'host' ? "the host's own" : (each.IPAM?.Config?.[0]?.Subnet ?? each.Driver),
      x: COLUMNS.network,
      y: place(drawn.length, i),
    }),
  );

  const box = new Map(boxes.map((each) => [each.id, each]));
  const lines: MapLine[] = [];
  for (const each of shown) {
    const to = box.get(each.Id)!;
    for (const reach of reaches) {
      const ports = published.get(each.Id)!.filter((port) => port.reach === reach);
      if (ports.length > 0) {
        const label = ports.map((port) => `${port.hostPort}${port.protocol === 'tcp' ? '' : `/${port.protocol}`}`).join(', ');
        lines.push({ id: `${reach}>${each.Id}`, from: box.get(`reach:${reach}`)!, to, label, reach });
      }
    }
    for (const name of networksOf(each)) {
      const network = box.get(`network:${name}`);
      if (network) lines.push({ id: `${each.Id}>${name}`, from: to, to: network, label: '' });
    }
  }
  return { boxes, lines, width: COLUMNS.network + BOX.width, height: rows * (BOX.height + GAP) - GAP, left: inside.length - shown.length };
}
