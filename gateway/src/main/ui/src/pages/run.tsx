import { useState } from 'preact/hooks';
import { get, messageOf, path, post } from '../lib/api';
import { parseRun } from '../lib/runform';
import { useResource } from '../lib/resource';
import { go } from '../lib/router';
import type { ImageSummary, Network } from '../lib/types';
import { Button } from '../components/basics';
import { Dialog } from '../components/dialog';
import { pull } from '../components/pull';
import { toast } from '../components/toast';
import { ApiError } from '../lib/api';

/** A small form for the usual settings of a container; everything else is a matter of docker run. */
export function Run({ onClose, image = '' }: { onClose: () => void; image?: string }) {
  const [form, setForm] = useState({ image, name: '', command: '', ports: '', env: '', network: '', restart: 'no', memory: '', tty: false });
  const [error, setError] = useState<string | null>(null);
  const [progress, setProgress] = useState<string | null>(null);
  const images = useResource((signal) => get<ImageSummary[]>('/images/json', {}, signal), 'images');
  const networks = useResource((signal) => get<Network[]>('/networks', {}, signal), 'networks');
  const set = (name: keyof typeof form) => (event: { currentTarget: { value: string } }) => setForm({ ...form, [name]: event.currentTarget.value });

  const submit = async () => {
    setError(null);
    try {
      const order = parseRun(form);
      let made: { Id: string; Warnings?: string[] } | null;
      const create = () => post<{ Id: string; Warnings?: string[] }>('/containers/create', form.name ? { name: form.name.trim() } : {}, order);
      try {
        made = await create();
      } catch (e) {
        if (!(e instanceof ApiError && e.status === 404)) throw e;
        setProgress(`Pulling ${form.image}`);
        await pull(form.image.trim(), (text) => setProgress(text));
        made = await create();
      }
      setProgress(null);
      await post(path`/containers/${made!.Id}/start`);
      toast(`${form.name || made!.Id.slice(0, 12)} is running`, 'ok');
      onClose();
      go(`/containers/${made!.Id}`);
    } catch (e) {
      setProgress(null);
      setError(messageOf(e));
    }
  };

  const tags = (images.data ?? []).flatMap((each) => each.RepoTags ?? []);
  return (
    <Dialog title="Run a container" onClose={onClose} wide>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label class="wide-field">
          Image
          <input required list="run-images" value={form.image} onInput={set('image')} placeholder="nginx:1" autoComplete="off" spellcheck={false} />
          <datalist id="run-images">
            {tags.map((tag) => (
              <option key={tag} value={tag} />
            ))}
          </datalist>
        </label>
        <label>
          Name
          <input value={form.name} onInput={set('name')} placeholder="made up when left out" autoComplete="off" spellcheck={false} pattern="[a-zA-Z0-9][a-zA-Z0-9_.\-]+" />
        </label>
        <label>
          Command
          <input value={form.command} onInput={set('command')} placeholder="of the image" autoComplete="off" spellcheck={false} />
        </label>
        <label>
          Ports
          <input value={form.ports} onInput={set('ports')} placeholder="127.0.0.1:8080:80, 53:53/udp" autoComplete="off" spellcheck={false} aria-describedby="run-ports-help" />
          <span id="run-ports-help" class="help">
            Without an address a port is open to everyone who reaches the host.
          </span>
        </label>
        <label>
          Memory limit
          <input value={form.memory} onInput={set('memory')} placeholder="256m" autoComplete="off" spellcheck={false} />
        </label>
        <label>
          Network
          <select value={form.network} onChange={set('network')}>
            <option value="">bridge (default)</option>
            {(networks.data ?? [])
              .filter((each) => each.Name !== 'bridge')
              .map((each) => (
                <option key={each.Id} value={each.Name}>
                  {each.Name}
                </option>
              ))}
          </select>
        </label>
        <label>
          Restart
          <select value={form.restart} onChange={set('restart')}>
            <option value="no">no</option>
            <option value="on-failure">on failure</option>
            <option value="unless-stopped">unless stopped</option>
            <option value="always">always</option>
          </select>
        </label>
        <label class="wide-field">
          Environment
          <textarea rows={3} value={form.env} onInput={set('env')} placeholder={'NAME=value\nOTHER=value'} spellcheck={false} />
        </label>
        <label class="check wide-field">
          <input type="checkbox" checked={form.tty} onChange={(event) => setForm({ ...form, tty: event.currentTarget.checked })} />
          With a terminal and open input
        </label>
        {progress && (
          <p class="wide-field muted" role="status">
            {progress}
          </p>
        )}
        {error && (
          <p class="wide-field error-text" role="alert">
            {error}
          </p>
        )}
        <div class="dialog-actions wide-field">
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={progress !== null}>
            Run
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
