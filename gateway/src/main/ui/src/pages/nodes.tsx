import { ApiError, call, get, path } from '../lib/api';
import { bytes, percent } from '../lib/format';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { Info } from '../lib/types';
import { Bar, Button, Card, ErrorBox, Facts, Loading, Page, Pill, Time } from '../components/basics';
import { confirm } from '../components/dialog';

/** A node as GET /api/nodes tells of it. */
interface NodeView {
  name: string;
  local: boolean;
  /** active, drain (takes no new containers) or down. */
  availability: string;
  reachable: boolean;
  cause?: string | null;
  since?: string;
  labels: Record<string, string>;
  cpus: number;
  memoryBytes: number;
  containers: number;
}

interface Shown {
  node: NodeView;
  /** Of the one node, where the platform has no list of nodes or the caller may not see it. */
  info: Info | null;
  changeable: boolean;
}

/** Null where the platform has no list of nodes; it is the operators'. */
async function list(signal: AbortSignal): Promise<NodeView[] | null> {
  if (!may('administrate')) return null;
  try {
    return await get<NodeView[]>('/api/nodes', {}, signal);
  } catch (e) {
    if (e instanceof ApiError && e.status === 404) return null;
    throw e;
  }
}

async function load(signal: AbortSignal): Promise<Shown[]> {
  const nodes = await list(signal);
  if (nodes) {
    const info = nodes.length === 1 ? await get<Info>('/info', {}, signal).catch(() => null) : null;
    return nodes.map((node) => ({ node, info, changeable: !node.local || nodes.length > 1 }));
  }
  const info = await get<Info>('/info', {}, signal);
  const node = { name: info.Name, local: true, availability: 'active', reachable: true, labels: {}, cpus: info.NCPU, memoryBytes: info.MemTotal, containers: info.Containers };
  return [{ node, info, changeable: false }];
}

export function Nodes() {
  const nodes = useResource(load, 'nodes', 10_000);
  return (
    <Page title="Nodes" lead="Machines that run containers.">
      <ErrorBox error={nodes.error} what="Nodes" retry={nodes.reload} />
      {!nodes.data && !nodes.error && <Loading />}
      <div class="grid two">
        {(nodes.data ?? []).map((shown) => (
          <NodeCard key={shown.node.name} shown={shown} reload={nodes.reload} />
        ))}
      </div>
    </Page>
  );
}

function NodeCard({ shown: { node, info, changeable }, reload }: { shown: Shown; reload: () => void }) {
  const become = async (availability: string) => {
    await call('PATCH', path`/api/nodes/${node.name}`, { json: { availability } });
    reload();
  };
  return (
    <Card className={node.reachable ? '' : 'down'}>
      <div class="service-head">
        <h2>{node.name}</h2>
        <span class="row-end">
          {node.availability !== 'active' && <Pill tone="warn">{node.availability}</Pill>}
          <Pill tone={node.reachable ? 'ok' : 'bad'}>{node.reachable ? 'ready' : 'lost'}</Pill>
        </span>
      </div>
      {node.cause && (
        <p class="error-text" role="alert">
          {node.cause}
        </p>
      )}
      <Facts
        rows={[
          ['Containers', info ? `${info.ContainersRunning} running, ${info.Containers - info.ContainersRunning} not` : String(node.containers)],
          ['Processors', String(node.cpus || (info?.NCPU ?? '–'))],
          ['Memory', bytes(node.memoryBytes || info?.MemTotal)],
          ...(info
            ? ([
                ['System', `${info.OperatingSystem}, Linux ${info.KernelVersion}, ${info.Architecture}`],
                ['Engine', info.ServerVersion],
                ['Images', String(info.Images)],
              ] as [string, string][])
            : []),
          ...(node.since ? ([[node.reachable ? 'Ready since' : 'Lost since', <Time at={node.since} />]] as [string, preact.ComponentChildren][]) : []),
          [
            'Labels',
            Object.entries(node.labels)
              .map(([key, value]) => `${key}=${value}`)
              .join(', ') || 'none',
          ],
        ]}
      />
      {info && info.Containers > 0 && (
        <Bar tone="ok" share={info.ContainersRunning / info.Containers} label={`${percent((info.ContainersRunning / info.Containers) * 100)} of the containers run`} />
      )}
      {changeable && may('administrate') && (
        <div class="actions">
          {node.availability === 'active' ? (
            <Button
              small
              onPress={() =>
                confirm({
                  title: `Give ${node.name} no new containers?`,
                  text: <p>Those that it has stay where they are.</p>,
                  action: 'Drain',
                  run: () => become('drain'),
                })
              }
            >
              Drain
            </Button>
          ) : (
            <Button small onPress={() => become('active')}>
              Make active
            </Button>
          )}
        </div>
      )}
    </Card>
  );
}
