import { useEffect, useState } from 'preact/hooks';
import { get, path, post, url, webSocket } from '../lib/api';
import { useEvents } from '../lib/events';
import { exposures } from '../lib/exposure';
import { bytes, dateTime, duration, instant, percent, shortId } from '../lib/format';
import { useResource } from '../lib/resource';
import { go, href } from '../lib/router';
import { may } from '../lib/session';
import { rates, sample, type Rates, type RawStats, type Sample } from '../lib/stats';
import { jsonLines, keepStream } from '../lib/stream';
import type { ContainerDetails } from '../lib/types';
import { Bar, Button, Card, Copy, Empty, ErrorBox, Facts, Loading, Page, Pill, Tabs, Time } from '../components/basics';
import { Chart } from '../components/chart';
import { confirm } from '../components/dialog';
import { Logs } from '../components/logs';
import { PortList } from '../components/ports';
import { Terminal, type Connection } from '../components/terminal';
import { act, askRemove, toneOf } from './containers';

const TABS = ['overview', 'logs', 'terminal', 'processes', 'inspect'] as const;
const LABELS: Record<(typeof TABS)[number], string> = {
  overview: 'Overview',
  logs: 'Logs',
  terminal: 'Terminal',
  processes: 'Processes',
  inspect: 'All settings',
};

export function ContainerPage({ id, tab = 'overview' }: { id: string; tab?: string }) {
  const details = useResource((signal) => get<ContainerDetails>(path`/containers/${id}/json`, {}, signal), id, 30_000);
  useEvents(['container'], details.reload, id);
  const container = details.data;
  if (!container) {
    return (
      <Page title="Container">
        {details.error ? <ErrorBox error={details.error} what="Container" retry={details.reload} /> : <Loading />}
        <p>
          <a href={href('/containers')}>All containers</a>
        </p>
      </Page>
    );
  }
  const name = container.Name.replace(/^\//, '');
  const of = { id: container.Id, name };
  const { Running: running, Paused: paused } = container.State;
  const change = may('change');
  const tabs = TABS.filter((each) => change || each !== 'terminal');
  return (
    <Page
      title={name}
      lead={
        <>
          <Pill tone={toneOf(container.State.Status, container.State.Health ? `(${container.State.Health.Status})` : '')}>{container.State.Status}</Pill>{' '}
          <span class="mono">{container.Config.Image}</span> <span class="mono muted">{shortId(container.Id)}</span> <Copy text={container.Id} label="identifier" />
        </>
      }
      actions={
        change && (
          <>
            {paused ? (
              <Button icon="play" onPress={() => act(of, 'unpause')}>
                Resume
              </Button>
            ) : running ? (
              <>
                <Button icon="stop" onPress={() => act(of, 'stop')}>
                  Stop
                </Button>
                <Button icon="restart" onPress={() => act(of, 'restart')}>
                  Restart
                </Button>
                <Button icon="pause" onPress={() => act(of, 'pause')}>
                  Pause
                </Button>
                <Button
                  icon="kill"
                  onPress={() =>
                    confirm({
                      title: `Kill ${name}?`,
                      text: <p>Its processes end at once, without a chance to save anything.</p>,
                      action: 'Kill',
                      danger: true,
                      run: () => act(of, 'kill'),
                    })
                  }
                >
                  Kill
                </Button>
              </>
            ) : (
              <Button icon="play" kind="primary" onPress={() => act(of, 'start')}>
                Start
              </Button>
            )}
            <Button icon="trash" kind="danger" onPress={() => askRemove({ ...of, running: running || paused }, () => go('/containers'))}>
              Remove
            </Button>
          </>
        )
      }
    >
      <ErrorBox error={details.error} what="Container" retry={details.reload} />
      <Tabs current={tab} tabs={tabs.map((each) => ({ id: each, label: LABELS[each], href: href(`/containers/${id}${each === 'overview' ? '' : `/${each}`}`) }))} />
      {tab === 'overview' && <Overview container={container} />}
      {tab === 'logs' && <Logs key={container.Id} id={container.Id} tty={container.Config.Tty} />}
      {tab === 'terminal' && change && <Shell key={container.Id} container={container} />}
      {tab === 'processes' && <Processes container={container} />}
      {tab === 'inspect' && <pre class="code" tabIndex={0}>{JSON.stringify(container, null, 2)}</pre>}
    </Page>
  );
}

const KEPT = 120;

function useStats(id: string, running: boolean): { rates: Rates[]; last: Sample | null } {
  const [state, setState] = useState<{ rates: Rates[]; last: Sample | null }>({ rates: [], last: null });
  useEffect(() => {
    setState({ rates: [], last: null });
    if (!running) return;
    let kept: Rates[] = [];
    let before: Sample | null = null;
    return keepStream({
      target: () => url(path`/containers/${id}/stats`, { stream: true }),
      read: (response) =>
        jsonLines<RawStats>(response, (raw) => {
          const now = sample(raw);
          const rate = before === null ? null : rates(before, now);
          before = now;
          if (rate) kept = [...kept, rate].slice(-KEPT);
          setState({ rates: kept, last: now });
        }),
    });
  }, [id, running]);
  return state;
}

function Overview({ container }: { container: ContainerDetails }) {
  const { State: state, HostConfig: host, Config: config } = container;
  const live = useStats(container.Id, state.Running && !state.Paused);
  const times = live.rates.map((each) => each.at / 1000);
  const last = live.rates.at(-1);
  const pick = (of: (rate: Rates) => number) => live.rates.map(of);
  const limit = host.Memory ?? 0;
  const perSecond = (value: number) => `${bytes(value)}/s`;
  const started = instant(state.StartedAt);
  return (
    <div class="stack">
      {state.Running ? (
        <div class="grid charts" aria-busy={live.rates.length === 0}>
          <Card>
            <Chart
              title="CPU"
              series={[{ label: 'of one processor', colour: 'series-1' }]}
              data={[times, pick((each) => each.cpuPercent)]}
              format={(value) => `${value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(2)} %`}
              summary={percent(last?.cpuPercent)}
            />
          </Card>
          <Card>
            <Chart
              title="Memory"
              series={[{ label: 'in use', colour: 'series-2' }]}
              data={[times, pick((each) => each.memory)]}
              format={bytes}
              summary={`${bytes(last?.memory)}${limit > 0 ? ` of ${bytes(limit)}` : ''}`}
            />
            {limit > 0 && last && <Bar share={last.memory / limit} tone={last.memory / limit > 0.9 ? 'bad' : 'info'} label={`${percent((last.memory / limit) * 100)} of the limit`} />}
          </Card>
          <Card>
            <Chart
              title="Network"
              series={[
                { label: 'received', colour: 'series-1' },
                { label: 'sent', colour: 'series-3' },
              ]}
              data={[times, pick((each) => each.receivedPerSecond), pick((each) => each.sentPerSecond)]}
              format={perSecond}
              summary={last ? `${perSecond(last.receivedPerSecond)} in, ${perSecond(last.sentPerSecond)} out` : '–'}
            />
          </Card>
          <Card>
            <Chart
              title="Disk"
              series={[
                { label: 'read', colour: 'series-1' },
                { label: 'written', colour: 'series-3' },
              ]}
              data={[times, pick((each) => each.readPerSecond), pick((each) => each.writtenPerSecond)]}
              format={perSecond}
              summary={last ? `${perSecond(last.readPerSecond)} read, ${perSecond(last.writtenPerSecond)} written` : '–'}
            />
          </Card>
        </div>
      ) : (
        <Card>
          <Empty title="It does not run">
            {state.Error ? state.Error : started === null ? 'It was never started.' : `It ended with exit code ${state.ExitCode}${state.OOMKilled ? ', out of memory' : ''}.`}
          </Empty>
        </Card>
      )}
      <div class="grid two">
        <Card title="State">
          <Facts
            rows={[
              ['Status', state.Status],
              ['Started', <Time at={state.StartedAt} />],
              ...(state.Running
                ? ([
                    ['Process', String(state.Pid)],
                    ['Processes', live.last ? String(live.last.processes) : '–'],
                  ] as [string, string][])
                : ([
                    ['Ended', <Time at={state.FinishedAt} />],
                    ['Exit code', String(state.ExitCode)],
                  ] as [string, preact.ComponentChildren][])),
              ['Restarts', `${container.RestartCount} (policy: ${host.RestartPolicy?.Name || 'no'})`],
              ...(state.Health ? ([['Health', `${state.Health.Status}${state.Health.FailingStreak ? `, failed ${state.Health.FailingStreak} times` : ''}`]] as [string, string][]) : []),
              ['Created', dateTime(container.Created)],
              ...(state.Running && started ? ([['Up for', duration((Date.now() - started.getTime()) / 1000)]] as [string, string][]) : []),
            ]}
          />
        </Card>
        <Card title="What it runs">
          <Facts
            rows={[
              ['Command', <code>{[container.Path, ...container.Args].join(' ')}</code>],
              ['Image', <a href={href(`/images/${shortId(container.Image)}`)}>{config.Image}</a>],
              ['User', config.User || 'root'],
              ['Directory', config.WorkingDir || '/'],
              ['Memory limit', limit > 0 ? bytes(limit) : 'none'],
              ['CPU limit', host.NanoCpus ? `${host.NanoCpus / 1e9} processors` : 'none'],
              ['Privileges', host.Privileged ? 'all: privileged' : host.CapAdd?.length ? `added: ${host.CapAdd.join(', ')}` : 'the usual'],
              ['Log driver', host.LogConfig?.Type ?? '–'],
            ]}
          />
        </Card>
        <Card title="Networks">
          <ul class="plain-list">
            {Object.entries(container.NetworkSettings.Networks ?? {}).map(([name, endpoint]) => (
              <li key={name}>
                <strong>{name}</strong> <span class="mono muted">{[endpoint.IPAddress, endpoint.GlobalIPv6Address].filter(Boolean).join(', ')}</span>
              </li>
            ))}
          </ul>
          <PortList
            ports={exposures(
              Object.entries(container.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
                (bindings ?? []).map((each) => ({
                  IP: each.HostIp,
                  PublicPort: Number(each.HostPort),
                  PrivatePort: Number(port.split('/')[0]),
                  Type: port.split('/')[1] ?? 'tcp',
                })),
              ),
            )}
          />
        </Card>
        <Card title="Mounts">
          {container.Mounts.length === 0 ? (
            <p class="muted">None</p>
          ) : (
            <ul class="plain-list">
              {container.Mounts.map((each) => (
                <li key={each.Destination}>
                  <code>{each.Destination}</code>{' '}
                  <span class="muted">
                    {each.Type} <span class="mono">{each.Name ?? each.Source}</span>
                    {each.RW ? '' : ', read only'}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title="Environment">
          <KeyValues values={Object.fromEntries((config.Env ?? []).map((each) => [each.split('=', 1)[0]!, each.slice(each.indexOf('=') + 1)]))} secret />
        </Card>
        <Card title="Labels">
          <KeyValues values={config.Labels ?? {}} />
        </Card>
      </div>
    </div>
  );
}

const SECRET = /pass|secret|token|key|credential/i;

/** Values whose name says that they are secret are covered until they are asked for. */
export function KeyValues({ values, secret }: { values: Record<string, string>; secret?: boolean }) {
  const [open, setOpen] = useState(false);
  const names = Object.keys(values).sort();
  if (names.length === 0) return <p class="muted">None</p>;
  const covered = secret && names.some((name) => SECRET.test(name) && values[name]);
  return (
    <>
      <dl class="key-values">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{secret && !open && SECRET.test(name) && values[name] ? '••••••••' : values[name]}</dd>
          </div>
        ))}
      </dl>
      {covered && (
        <Button small onPress={() => setOpen(!open)} pressed={open}>
          {open ? 'Cover secrets' : 'Show secrets'}
        </Button>
      )}
    </>
  );
}

function Processes({ container }: { container: ContainerDetails }) {
  const running = container.State.Running;
  const top = useResource(
    (signal) => (running ? get<{ Titles: string[]; Processes: string[][] }>(path`/containers/${container.Id}/top`, {}, signal) : Promise.resolve(null)),
    `${container.Id} ${running}`,
    5000,
  );
  if (!running) return <Empty title="It does not run" />;
  if (top.error) return <ErrorBox error={top.error} what="Processes" retry={top.reload} />;
  if (!top.data) return <Loading />;
  return (
    <div class="table-wrap">
      <table>
        <caption class="hidden">Processes</caption>
        <thead>
          <tr>
            {top.data.Titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {top.data.Processes.map((row) => (
            <tr key={row.join()}>
              {row.map((cell, i) => (
                <td key={i} class="mono" data-title={top.data!.Titles[i]}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Shell({ container }: { container: ContainerDetails }) {
  const [command, setCommand] = useState('/bin/sh');
  const [user, setUser] = useState('');
  const [open, setOpen] = useState(0);
  const [ended, setEnded] = useState<string | null>(null);
  if (!container.State.Running || container.State.Paused) {
    return <Empty title="It does not run">A terminal needs a running container.</Empty>;
  }
  const connect = async (rows: number, columns: number): Promise<Connection> => {
    const exec = await post<{ Id: string }>(path`/containers/${container.Id}/exec`, {}, {
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: true,
      Cmd: command.trim().split(/\s+/),
      User: user.trim(),
      Env: ['TERM=xterm-256color'],
      ConsoleSize: [rows, columns],
    });
    const id = exec!.Id;
    return {
      socket: webSocket(path`/berth/exec/${id}/ws`, { h: rows, w: columns }),
      resize: (h, w) => void post(path`/exec/${id}/resize`, { h, w }).catch(() => undefined),
    };
  };
  return (
    <div class="stack">
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          setEnded(null);
          setOpen(open + 1);
        }}
      >
        <label class="field-inline">
          Program
          <input value={command} list="shells" onInput={(event) => setCommand(event.currentTarget.value)} required spellcheck={false} autoComplete="off" />
        </label>
        <datalist id="shells">
          <option value="/bin/sh" />
          <option value="/bin/bash" />
        </datalist>
        <label class="field-inline">
          User
          <input value={user} onInput={(event) => setUser(event.currentTarget.value)} placeholder="the container's" spellcheck={false} autoComplete="off" />
        </label>
        <Button type="submit" kind="primary" icon="terminal">
          {open > 0 ? 'Open anew' : 'Open'}
        </Button>
        {open > 0 && (
          <Button
            onPress={() => {
              setOpen(0);
              setEnded(null);
            }}
          >
            Close
          </Button>
        )}
      </form>
      {ended && <p role="status">{ended}</p>}
      {open > 0 && <Terminal key={open} connect={connect} onEnd={setEnded} />}
      {open === 0 && <Empty title="No terminal is open">Open one to run a program inside the container. It ends when this page is left.</Empty>}
    </div>
  );
}
