import { useMemo, useState } from 'preact/hooks';
import { call, get, messageOf, path, post } from '../lib/api';
import { useEvents } from '../lib/events';
import { bytes, plural, shortId } from '../lib/format';
import { useResource } from '../lib/resource';
import { go, href } from '../lib/router';
import { may, ownsImage } from '../lib/session';
import type { HistoryItem, ImageDetails, ImageSummary } from '../lib/types';
import { Bar, Button, Card, Copy, Empty, ErrorBox, Facts, Loading, Page, Time } from '../components/basics';
import { confirm, Dialog } from '../components/dialog';
import { prune } from '../components/prune';
import { pull, reference } from '../components/pull';
import { Table, type Column } from '../components/table';
import { toast } from '../components/toast';
import { KeyValues } from './container';
import { Run } from './run';

export function tagsOf(image: ImageSummary): string[] {
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  return tags.length > 0 ? tags : [];
}

export function Images() {
  const list = useResource((signal) => get<ImageSummary[]>('/images/json', { 'shared-size': true }, signal), 'images', 60_000);
  useEvents(['image'], list.reload);
  const [pulling, setPulling] = useState(false);
  const change = may('change');
  const columns: Column<ImageSummary>[] = useMemo(
    () => [
      {
        id: 'name',
        title: 'Name',
        className: 'main',
        sort: (row) => tagsOf(row)[0] ?? '~',
        cell: (row) => (
          <div class="two-lines">
            <a href={href(`/images/${shortId(row.Id)}`)}>{tagsOf(row)[0] ?? 'without a name'}</a>
            {tagsOf(row).length > 1 && <span class="muted">{tagsOf(row).slice(1).join(', ')}</span>}
          </div>
        ),
      },
      { id: 'id', title: 'Identifier', minor: true, cell: (row) => <span class="mono">{shortId(row.Id)}</span> },
      { id: 'size', title: 'Size', className: 'number', sort: (row) => row.Size, cell: (row) => bytes(row.Size) },
      { id: 'containers', title: 'Used by', className: 'number', sort: (row) => row.Containers, cell: (row) => (row.Containers < 0 ? '–' : row.Containers), minor: true },
      { id: 'created', title: 'Created', sort: (row) => -row.Created, cell: (row) => <Time at={row.Created} /> },
      ...(change
        ? [
            {
              id: 'actions',
              title: '',
              className: 'row-actions',
              cell: (row: ImageSummary) => (
                <div class="actions">
                  {ownsImage(tagsOf(row), row.Labels) && (
                    <Button kind="quiet" icon="trash" label={`Remove ${tagsOf(row)[0] ?? shortId(row.Id)}`} onPress={() => askRemove(row, list.reload)} />
                  )}
                </div>
              ),
            },
          ]
        : []),
    ],
    [change],
  );
  return (
    <Page
      title="Images"
      actions={
        change && (
          <>
            {may('administrate') && (
              <Button
                icon="trash"
                onPress={() =>
                  prune({
                    title: 'Remove unused images?',
                    text: <p>Images without a name that no container uses are removed.</p>,
                    option: 'Those with a name, too',
                    action: 'Remove unused',
                    target: '/images/prune',
                    query: (all) => ({ filters: JSON.stringify({ dangling: [String(!all)] }) }),
                    done: list.reload,
                  })
                }
              >
                Remove unused
              </Button>
            )}
            <Button kind="primary" icon="download" onPress={() => setPulling(true)}>
              Pull an image
            </Button>
          </>
        )
      }
    >
      <ErrorBox error={list.error} what="Images" retry={list.reload} />
      <Table
        caption="Images"
        rows={list.data}
        error={list.error}
        columns={columns}
        rowKey={(row) => row.Id}
        text={(row) => `${tagsOf(row).join(' ')} ${row.Id} ${(row.RepoDigests ?? []).join(' ')}`}
        initialSort="created"
        empty={<Empty title="No images yet">{change && 'Pull one, or build one with docker build.'}</Empty>}
      />
      {pulling && <Pull onClose={() => setPulling(false)} />}
    </Page>
  );
}

function askRemove(row: ImageSummary, removed: () => void): void {
  const names = tagsOf(row);
  confirm({
    title: `Remove ${names[0] ?? shortId(row.Id)}?`,
    text: <p>{names.length > 1 ? `All of its ${names.length} names are removed: ${names.join(', ')}.` : 'Layers that no other image has are removed from the disk.'}</p>,
    option: 'Even if stopped containers use it',
    action: 'Remove',
    danger: true,
    run: async (force) => {
      if (names.length <= 1) {
        await call('DELETE', path`/images/${names[0] ?? row.Id}`, { query: { force } });
      } else {
        for (const name of names) await call('DELETE', path`/images/${name}`, { query: { force } });
      }
      removed();
    },
  });
}

function Pull({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [state, setState] = useState<{ text: string; share: number | null } | null>(null);
  const [error, setError] = useState<string | null>(null);
  const start = async () => {
    setError(null);
    setState({ text: 'Starting', share: null });
    try {
      await pull(name.trim(), (text, share) => setState({ text, share }));
      toast(`${name.trim()} is here`, 'ok');
      onClose();
    } catch (e) {
      setError(messageOf(e));
      setState(null);
    }
  };
  return (
    <Dialog title="Pull an image" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <label class="stack-tight">
          Image
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} placeholder="registry.example/team/app:1" spellcheck={false} autoComplete="off" />
        </label>
        {state && (
          <div class="stack-tight" role="status">
            <Bar share={state.share ?? 0} label={`Pulled ${Math.round((state.share ?? 0) * 100)} %`} />
            <span class="muted">{state.text}</span>
          </div>
        )}
        {error && (
          <p class="error-text" role="alert">
            {error}
          </p>
        )}
        <div class="dialog-actions">
          <Button onPress={onClose}>{state ? 'Go on in the background' : 'Cancel'}</Button>
          <Button kind="primary" type="submit" disabled={state !== null}>
            Pull
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function ImagePage({ id }: { id: string }) {
  const details = useResource(
    async (signal) => {
      const image = await get<ImageDetails>(path`/images/${id}/json`, {}, signal);
      const history = await get<HistoryItem[]>(path`/images/${id}/history`, {}, signal);
      return { image, history };
    },
    id,
    0,
  );
  useEvents(['image'], details.reload);
  const [running, setRunning] = useState(false);
  const [tagging, setTagging] = useState(false);
  if (!details.data) {
    return (
      <Page title="Image">
        {details.error ? <ErrorBox error={details.error} what="Image" retry={details.reload} /> : <Loading />}
        <p>
          <a href={href('/images')}>All images</a>
        </p>
      </Page>
    );
  }
  const { image, history } = details.data;
  const tags = (image.RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
  const largest = Math.max(1, ...history.map((each) => each.Size));
  const change = may('change');
  return (
    <Page
      title={tags[0] ?? shortId(image.Id)}
      lead={
        <>
          <span class="mono muted">{shortId(image.Id)}</span> <Copy text={image.Id} label="identifier" />
        </>
      }
      actions={
        change && (
          <>
            <Button icon="play" kind="primary" onPress={() => setRunning(true)}>
              Run
            </Button>
            <Button icon="tag" onPress={() => setTagging(true)}>
              Add a name
            </Button>
            {ownsImage(tags, image.Config?.Labels) && (
              <Button
                icon="trash"
                kind="danger"
                onPress={() => askRemove({ Id: image.Id, RepoTags: image.RepoTags } as ImageSummary, () => go('/images'))}
              >
                Remove
              </Button>
            )}
          </>
        )
      }
    >
      <ErrorBox error={details.error} what="Image" retry={details.reload} />
      <div class="grid two">
        <Card title="Image">
          <Facts
            rows={[
              ['Names', tags.length > 0 ? <ul class="plain-list">{tags.map((tag) => <li key={tag} class="mono">{tag}</li>)}</ul> : 'none'],
              ['Digests', <ul class="plain-list">{(image.RepoDigests ?? []).map((digest) => <li key={digest} class="mono break">{digest}</li>)}</ul>],
              ['Platform', [image.Os, image.Architecture, image.Variant].filter(Boolean).join('/')],
              ['Size', bytes(image.Size)],
              ['Created', <Time at={image.Created} />],
            ]}
          />
        </Card>
        <Card title="What it runs">
          <Facts
            rows={[
              ['Entrypoint', <code>{(image.Config?.Entrypoint ?? []).join(' ') || '–'}</code>],
              ['Command', <code>{(image.Config?.Cmd ?? []).join(' ') || '–'}</code>],
              ['User', image.Config?.User || 'root'],
              ['Directory', image.Config?.WorkingDir || '/'],
              ['Ports', Object.keys(image.Config?.ExposedPorts ?? {}).join(', ') || 'none'],
            ]}
          />
        </Card>
      </div>
      <Card title={`Layers (${plural(image.RootFS?.Layers?.length ?? 0, 'layer')})`}>
        <ol class="layers" reversed>
          {history.map((layer, i) => (
            <li key={i} class={layer.Size === 0 ? 'empty-layer' : ''}>
              <div class="layer-text">
                <code>{layer.CreatedBy || layer.Comment || '–'}</code>
                <span class="muted small-text">
                  <Time at={layer.Created} />
                </span>
              </div>
              <div class="layer-size">
                <span>{bytes(layer.Size)}</span>
                <Bar share={layer.Size / largest} label={`${bytes(layer.Size)} of ${bytes(image.Size)}`} />
              </div>
            </li>
          ))}
        </ol>
      </Card>
      <div class="grid two">
        <Card title="Environment">
          <KeyValues values={Object.fromEntries((image.Config?.Env ?? []).map((each) => [each.split('=', 1)[0]!, each.slice(each.indexOf('=') + 1)]))} secret />
        </Card>
        <Card title="Labels">
          <KeyValues values={image.Config?.Labels ?? {}} />
        </Card>
      </div>
      {running && <Run image={tags[0] ?? image.Id} onClose={() => setRunning(false)} />}
      {tagging && <AddName id={image.Id} onClose={() => setTagging(false)} added={details.reload} />}
    </Page>
  );
}

function AddName({ id, onClose, added }: { id: string; onClose: () => void; added: () => void }) {
  const [name, setName] = useState('');
  const [error, setError] = useState<string | null>(null);
  return (
    <Dialog title="Add a name" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const { fromImage, tag } = reference(name.trim());
          post(path`/images/${id}/tag`, { repo: fromImage, tag }).then(
            () => {
              added();
              onClose();
            },
            (e: unknown) => setError(messageOf(e)),
          );
        }}
      >
        <label class="stack-tight">
          Name
          <input required value={name} onInput={(event) => setName(event.currentTarget.value)} placeholder="team/app:2" spellcheck={false} autoComplete="off" />
        </label>
        {error && (
          <p class="error-text" role="alert">
            {error}
          </p>
        )}
        <div class="dialog-actions">
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit">
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
