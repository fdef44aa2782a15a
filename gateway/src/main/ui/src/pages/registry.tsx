import { useMemo, useState } from 'preact/hooks';
import { call, get, path, send } from '../lib/api';
import { bytes, plural, shortId } from '../lib/format';
import { runQueued } from '../lib/queue';
import { useResource } from '../lib/resource';
import { href } from '../lib/router';
import { may } from '../lib/session';
import type { Descriptor, RegistryRepository, RegistryTag, RegistryUsage } from '../lib/types';
import { Button, Card, Copy, Empty, ErrorBox, Loading, Page, Time } from '../components/basics';
import { confirm, Dialog } from '../components/dialog';
import { Table, type Column } from '../components/table';

const MOST = 2000;

/** Reads a list that comes in pages, following the links to the next. */
async function all<T>(first: string, of: (page: Record<string, T[]>) => T[], signal: AbortSignal): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = first;
  while (next !== null && found.length < MOST) {
    const response: Response = await send(next, { signal });
    found.push(...of((await response.json()) as Record<string, T[]>));
    const link: RegExpExecArray | null = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '');
    next = link ? new URL(link[1]!, location.href).pathname + new URL(link[1]!, location.href).search : null;
  }
  return found;
}

const REPOSITORY_COLUMNS: Column<RegistryRepository>[] = [
  { id: 'name', title: 'Repository', className: 'main', sort: (row) => row.name, cell: (row) => <a href={href(path`/registry/${row.name}`)}>{row.name}</a> },
  { id: 'tags', title: 'Tags', className: 'number', sort: (row) => row.tags, cell: (row) => row.tags },
  { id: 'manifests', title: 'Manifests', className: 'number', sort: (row) => row.manifests, cell: (row) => row.manifests, minor: true },
  { id: 'size', title: 'Size', className: 'number', sort: (row) => row.sizeBytes, cell: (row) => bytes(row.sizeBytes) },
  { id: 'changed', title: 'Changed', sort: (row) => -new Date(row.changedAt).getTime(), cell: (row) => <Time at={row.changedAt} /> },
];

interface Expiring {
  repository: string;
  tag: string;
  digest: string;
  since: string;
}

/** With sizes and times for operators, who see all; for others the names of what they may pull. */
async function repositories(signal: AbortSignal): Promise<RegistryRepository[]> {
  if (may('administrate')) return all<RegistryRepository>('/berth/registry/repositories?n=500', (page) => page['repositories'] ?? [], signal);
  const names = await all<string>('/v2/_catalog?n=500', (page) => page['repositories'] ?? [], signal);
  return names.map((name) => ({ name, tags: 0, manifests: 0, sizeBytes: 0, changedAt: '' }));
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Tags that are looked at one by one where the registry does not tell of all at once. */
const MOST_LOOKED_AT = 100;

async function tagsOf(name: string, signal: AbortSignal): Promise<RegistryTag[]> {
  if (may('administrate')) return all<RegistryTag>(`/berth/registry/tags?repository=${encodeURIComponent(name)}&n=500`, (page) => page['tags'] ?? [], signal);
  const names = await all<string>(`${path`/v2/${name}/tags/list`}?n=500`, (page) => page['tags'] ?? [], signal);
  const found: RegistryTag[] = [];
  await runQueued(names.slice(0, MOST_LOOKED_AT), 2, async (tag) => {
    const response = await send(path`/v2/${name}/manifests/${tag}`, { headers: { Accept: MANIFESTS }, signal });
    const manifest = (await response.json()) as Manifest;
    const parts = manifest.manifests ?? [...(manifest.layers ?? []), ...(manifest.config ? [manifest.config] : [])];
    found.push({
      name: tag,
      digest: response.headers.get('Docker-Content-Digest') ?? '',
      mediaType: response.headers.get('Content-Type') ?? '',
      sizeBytes: parts.reduce((sum, part) => sum + part.size, 0),
      taggedAt: '',
    });
  });
  return found;
}

export function Registry() {
  const administrate = may('administrate');
  const list = useResource(repositories, 'repositories', 60_000);
  const usage = useResource(async (signal) => (administrate ? get<RegistryUsage>('/berth/registry/usage', {}, signal) : null), 'usage', 60_000);
  const expiring = useResource(
    // What goes next is told to operators.
    async (signal) => (may('administrate') ? get<Expiring[]>('/berth/registry/retention', {}, signal) : null),
    'retention',
  );
  const total = usage.data;
  return (
    <Page title="Registry" lead={<>Images that were pushed to this platform: <code>docker push {location.host}/NAME</code></>}>
      <ErrorBox error={list.error} what="Registry" retry={list.reload} />
      {total && (
        <div class="tiles">
          <Card className="tile">
            <span class="tile-value">{bytes(total.sizeBytes)}</span>
            <span class="muted">in {plural(total.blobs, 'blob')}</span>
          </Card>
          <Card className="tile">
            <span class="tile-value">{total.repositories}</span>
            <span class="muted">{total.repositories === 1 ? 'repository' : 'repositories'}</span>
          </Card>
          <Card className="tile">
            <span class="tile-value">{total.tags}</span>
            <span class="muted">{total.tags === 1 ? 'tag' : 'tags'}</span>
          </Card>
          <Card className="tile">
            <span class="tile-value">{total.uploads}</span>
            <span class="muted">uploads under way</span>
          </Card>
        </div>
      )}
      <Table
        caption="Repositories"
        rows={list.data}
        error={list.error}
        columns={administrate ? REPOSITORY_COLUMNS : REPOSITORY_COLUMNS.slice(0, 1)}
        rowKey={(row) => row.name}
        text={(row) => row.name}
        initialSort="name"
        empty={<Empty title="The registry is empty" />}
      />
      {expiring.data && (
        <Card title="Retention">
          {expiring.data.length === 0 ? (
            <p class="muted">No tag is about to go by the retention rules.</p>
          ) : (
            <ul class="plain-list">
              {expiring.data.map((each) => (
                <li key={`${each.repository}:${each.tag}`}>
                  <span class="mono">
                    {each.repository}:{each.tag}
                  </span>{' '}
                  <span class="muted">
                    kept by no rule since <Time at={each.since} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
      )}
    </Page>
  );
}

const TAGGED: Column<RegistryTag> = { id: 'tagged', title: 'Tagged', sort: (row) => -new Date(row.taggedAt).getTime(), cell: (row) => <Time at={row.taggedAt} /> };

export function RepositoryPage({ name }: { name: string }) {
  const list = useResource((signal) => tagsOf(name, signal), name, 60_000);
  const [shown, setShown] = useState<RegistryTag | null>(null);
  const administrate = may('administrate');
  const columns: Column<RegistryTag>[] = useMemo(
    () => [
      {
        id: 'name',
        title: 'Tag',
        className: 'main',
        sort: (row) => row.name,
        cell: (row) => (
          <span class="with-copy">
            <button type="button" class="link" onClick={() => setShown(row)}>
              {row.name}
            </button>
            <Copy text={`${location.host}/${name}:${row.name}`} label="reference" />
          </span>
        ),
      },
      { id: 'digest', title: 'Digest', minor: true, cell: (row) => <span class="mono">{shortId(row.digest)}</span> },
      { id: 'kind', title: 'Kind', minor: true, cell: (row) => kindOf(row) },
      { id: 'size', title: 'Size', className: 'number', sort: (row) => row.sizeBytes, cell: (row) => bytes(row.sizeBytes) },
      ...(administrate ? [TAGGED] : []),
      ...(administrate
        ? [
            {
              id: 'actions',
              title: '',
              className: 'row-actions',
              cell: (row: RegistryTag) => (
                <div class="actions">
                  <Button
                    kind="quiet"
                    icon="trash"
                    label={`Remove tag ${row.name}`}
                    onPress={() =>
                      confirm({
                        title: `Remove the tag ${row.name}?`,
                        text: <p>What it points at stays under its digest until the registry collects what nothing points at.</p>,
                        action: 'Remove',
                        danger: true,
                        run: async () => {
                          await call('DELETE', path`/v2/${name}/manifests/${row.name}`);
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
    [name, administrate],
  );
  return (
    <Page title={name} lead={<a href={href('/registry')}>All repositories</a>}>
      <ErrorBox error={list.error} what="Tags" retry={list.reload} />
      <Table
        caption="Tags"
        rows={list.data}
        error={list.error}
        columns={columns}
        rowKey={(row) => row.name}
        text={(row) => `${row.name} ${row.digest}`}
        initialSort={administrate ? 'tagged' : 'name'}
        empty={<Empty title="No tags" />}
      />
      {shown && <TagDialog repository={name} tag={shown} onClose={() => setShown(null)} />}
    </Page>
  );
}

function kindOf(tag: { mediaType: string; artifactType?: string | null }): string {
  if (/index|manifest\.list/.test(tag.mediaType)) return 'several platforms';
  return !tag.artifactType || tag.artifactType.includes('image.config') || tag.artifactType.includes('container.image') ? 'image' : tag.artifactType;
}

interface Manifest {
  mediaType?: string;
  manifests?: Descriptor[];
  layers?: Descriptor[];
  config?: Descriptor;
}

function TagDialog({ repository, tag, onClose }: { repository: string; tag: RegistryTag; onClose: () => void }) {
  const content = useResource(async (signal) => {
    const response = await send(path`/v2/${repository}/manifests/${tag.digest}`, { headers: { Accept: tag.mediaType }, signal });
    const manifest = (await response.json()) as Manifest;
    const referrers = await get<Manifest>(path`/v2/${repository}/referrers/${tag.digest}`, {}, signal);
    return { manifest, referrers: referrers.manifests ?? [] };
  }, tag.digest);
  return (
    <Dialog title={`${repository}:${tag.name}`} onClose={onClose} wide>
      <div class="stack">
        <p class="mono break">{tag.digest}</p>
        <ErrorBox error={content.error} what="Manifest" retry={content.reload} />
        {!content.data && !content.error && <Loading />}
        {content.data && (
          <>
            <h3>{content.data.manifest.manifests ? 'Platforms' : 'Layers'}</h3>
            <Descriptors list={content.data.manifest.manifests ?? content.data.manifest.layers ?? []} />
            <h3>Referrers</h3>
            {content.data.referrers.length === 0 ? <p class="muted">Nothing refers to it: no signature, no bill of materials.</p> : <Descriptors list={content.data.referrers} />}
          </>
        )}
      </div>
    </Dialog>
  );
}

function Descriptors({ list }: { list: Descriptor[] }) {
  return (
    <ul class="descriptors">
      {list.map((each, i) => (
        <li key={i}>
          <span class="mono">{shortId(each.digest)}</span>
          <span>{each.platform ? [each.platform.os, each.platform.architecture, each.platform.variant].filter(Boolean).join('/') : each.artifactType || each.mediaType}</span>
          <span class="number">{bytes(each.size)}</span>
        </li>
      ))}
    </ul>
  );
}
