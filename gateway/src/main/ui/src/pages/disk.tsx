import { get, post } from '../lib/api';
import { useEvents } from '../lib/events';
import { bytes, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import { href } from '../lib/router';
import { may } from '../lib/session';
import type { DiskUsage, Usage } from '../lib/types';
import { Bar, Button, Card, ErrorBox, Loading, Page } from '../components/basics';
import { confirm } from '../components/dialog';
import { prune } from '../components/prune';
import { toast } from '../components/toast';

const KINDS: { key: keyof DiskUsage; title: string; one: string; to: string; prune: string; what: string; option?: string; query: (option: boolean) => Record<string, string> }[] = [
  {
    key: 'ImageUsage',
    title: 'Images',
    one: 'image',
    to: '/images',
    prune: '/images/prune',
    what: 'Images without a name that no container uses',
    option: 'Those with a name that no container uses, too',
    query: (all) => ({ filters: JSON.stringify({ dangling: [String(!all)] }) }),
  },
  { key: 'ContainerUsage', title: 'Containers', one: 'container', to: '/containers', prune: '/containers/prune', what: 'All stopped containers', query: () => ({}) },
  {
    key: 'VolumeUsage',
    title: 'Volumes',
    one: 'volume',
    to: '/volumes',
    prune: '/volumes/prune',
    what: 'Anonymous volumes that no container uses',
    option: 'Those with a name, too',
    query: (all) => (all ? { filters: JSON.stringify({ all: ['true'] }) } : ({} as Record<string, string>)),
  },
  { key: 'BuildCacheUsage', title: 'Build cache', one: 'step', to: '/builds', prune: '/build/prune', what: 'Cached steps of builds that are not in use', query: () => ({ all: 'true' }) },
];

interface Report {
  SpaceReclaimed?: number;
}

export function useDiskUsage() {
  const usage = useResource((signal) => get<DiskUsage>('/system/df', {}, signal), 'disk', 60_000);
  useEvents(['image', 'volume', 'builder'], usage.reload);
  return usage;
}

export function DiskBars({ usage, reload }: { usage: DiskUsage; reload: () => void }) {
  const of = (key: keyof DiskUsage) => usage[key] as Usage<unknown> | undefined;
  const total = Math.max(1, ...KINDS.map((kind) => of(kind.key)?.TotalSize ?? 0));
  return (
    <ul class="disk">
      {KINDS.map((kind) => {
        const known = of(kind.key);
        if (!known) return null;
        return (
          <li key={kind.key}>
            <div class="disk-text">
              <a href={href(kind.to)}>{kind.title}</a>
              <span class="muted">
                {plural(known.TotalCount, kind.one)}, {known.ActiveCount} in use
              </span>
            </div>
            <div class="disk-size">
              <span>{bytes(known.TotalSize)}</span>
              <span class="muted small-text">{bytes(known.Reclaimable)} to free</span>
            </div>
            <Bar share={known.TotalSize / total} label={`${kind.title}: ${bytes(known.TotalSize)}, of which ${bytes(known.Reclaimable)} can be freed`} />
            {may('administrate') && (
              <Button
                small
                label={`Free the space of unused ${kind.title.toLowerCase()}`}
                onPress={() =>
                  prune({
                    title: `Free space: ${kind.title.toLowerCase()}`,
                    text: <p>{kind.what} are removed.</p>,
                    option: kind.option,
                    action: 'Free space',
                    target: kind.prune,
                    query: kind.query,
                    done: reload,
                  })
                }
              >
                Free space
              </Button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

export function pruneAll(done: () => void): void {
  confirm({
    title: 'Free all unused space?',
    text: <p>Stopped containers, networks without containers, images without a name, anonymous volumes that nothing uses and unused build cache are removed.</p>,
    action: 'Free all',
    danger: true,
    run: async () => {
      let freed = 0;
      for (const target of ['/containers/prune', '/networks/prune', '/volumes/prune', '/images/prune', '/build/prune']) {
        freed += (await post<Report>(target))?.SpaceReclaimed ?? 0;
      }
      toast(`${bytes(freed)} freed`, 'ok');
      done();
    },
  });
}

export function Disk() {
  const usage = useDiskUsage();
  return (
    <Page
      title="Disk"
      actions={
        may('administrate') && (
          <Button icon="trash" kind="danger" onPress={() => pruneAll(usage.reload)}>
            Free all unused space
          </Button>
        )
      }
    >
      <ErrorBox error={usage.error} what="Disk use" retry={usage.reload} />
      {!usage.data && !usage.error && <Loading />}
      {usage.data && (
        <Card>
          <DiskBars usage={usage.data} reload={usage.reload} />
        </Card>
      )}
    </Page>
  );
}
