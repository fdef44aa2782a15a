import { get } from '../lib/api';
import { recentEvents, useEvents } from '../lib/events';
import { exposures } from '../lib/exposure';
import { bytes, duration, isoSeconds } from '../lib/format';
import { useResource } from '../lib/resource';
import { href } from '../lib/router';
import { may } from '../lib/session';
import { useSignal } from '../lib/signal';
import type { ContainerSummary, Info, Usage } from '../lib/types';
import { Button, Card, Empty, ErrorBox, Loading, Page, Pill, Time } from '../components/basics';
import { nameOf, toneOf } from './containers';
import { DiskBars, pruneAll, useDiskUsage } from './disk';
import { Subject, toneOfEvent } from './events';
import { BREAKER, usePlatform } from './services';

export function Overview() {
  const platform = usePlatform();
  const disk = useDiskUsage();
  const containers = useResource((signal) => get<ContainerSummary[]>('/containers/json', { all: true }, signal), 'containers', 30_000);
  const info = useResource((signal) => get<Info>('/info', {}, signal), 'info', 60_000);
  useEvents(['container'], containers.reload);
  const events = useSignal(recentEvents);
  const all = containers.data ?? [];
  const count = (state: string) => all.filter((each) => each.State === state).length;
  const open = all.filter((each) => each.State === 'running' && exposures(each.Ports).some((port) => port.reach === 'everywhere'));
  const trouble = all.filter(
    (each) => each.State === 'restarting' || each.State === 'dead' || each.Status.includes('(unhealthy)') || (each.State === 'exited' && !/\((0|137|143)\)/.test(each.Status)),
  );
  const images = disk.data?.ImageUsage as Usage<unknown> | undefined;
  return (
    <Page
      title="Overview"
      lead={
        info.data && (
          <>
            {info.data.Name} · {info.data.NCPU} processors · {bytes(info.data.MemTotal)} · {info.data.OperatingSystem}
            {platform.data && <> · up for {duration(isoSeconds(platform.data.uptime))}</>}
          </>
        )
      }
    >
      <div class="tiles">
        <a class="card tile" href={href('/containers')}>
          <span class="tile-value">{containers.data ? count('running') : '–'}</span>
          <span class="muted">running</span>
        </a>
        <a class="card tile" href={href('/containers')}>
          <span class="tile-value">{containers.data ? all.length - count('running') : '–'}</span>
          <span class="muted">not running</span>
        </a>
        <a class="card tile" href={href('/images')}>
          <span class="tile-value">{images ? images.TotalCount : '–'}</span>
          <span class="muted">images{images ? `, ${bytes(images.TotalSize)}` : ''}</span>
        </a>
        <a class={`card tile ${open.length > 0 ? 'attention' : ''}`} href={href('/networks')}>
          <span class="tile-value">{containers.data ? open.length : '–'}</span>
          <span class="muted">open to everyone</span>
        </a>
      </div>
      <ErrorBox error={containers.error} what="Containers" retry={containers.reload} />
      <div class="grid two">
        <Card title="Services" actions={<a href={href('/services')}>Details</a>}>
          <ErrorBox error={platform.error} what="Services" retry={platform.reload} />
          {!platform.data && !platform.error && <Loading />}
          {platform.data && (
            <ul class="rows">
              {Object.entries(platform.data.health.services).map(([name, service]) => {
                const guard = platform.data!.backends[name === 'gateway' ? 'platform' : name];
                const breaker = guard ? BREAKER[guard.breaker] : undefined;
                return (
                  <li key={name}>
                    <span>{name}</span>
                    <span class="row-end">
                      {breaker && breaker.tone !== 'ok' && <Pill tone={breaker.tone}>breaker {guard!.breaker.toLowerCase().replace('_', ' ')}</Pill>}
                      <Pill tone={service.status === 'UP' ? 'ok' : 'bad'}>{service.status === 'UP' ? `up, ${service.millis} ms` : (service.cause ?? 'down')}</Pill>
                    </span>
                  </li>
                );
              })}
            </ul>
          )}
        </Card>
        <Card title="Needs a look" actions={<a href={href('/containers')}>All containers</a>}>
          {!containers.data && !containers.error && <Loading />}
          {containers.data && trouble.length === 0 && <Empty title="All is well">No container restarts, is unhealthy or has failed.</Empty>}
          <ul class="rows">
            {trouble.slice(0, 6).map((each) => (
              <li key={each.Id}>
                <a href={href(`/containers/${each.Id}`)}>{nameOf(each)}</a>
                <span class="row-end">
                  <Pill tone={each.State === 'exited' ? 'warn' : toneOf(each.State, each.Status)}>{each.Status || each.State}</Pill>
                </span>
              </li>
            ))}
          </ul>
        </Card>
        <Card
          title="Disk"
          actions={
            may('administrate') && (
              <Button small icon="trash" onPress={() => pruneAll(disk.reload)}>
                Free all unused
              </Button>
            )
          }
        >
          <ErrorBox error={disk.error} what="Disk use" retry={disk.reload} />
          {!disk.data && !disk.error && <Loading />}
          {disk.data && <DiskBars usage={disk.data} reload={disk.reload} />}
        </Card>
        <Card title="Latest events" actions={<a href={href('/events')}>All events</a>}>
          {events.length === 0 && <Empty title="Nothing has happened lately" />}
          <ul class="rows">
            {events.slice(0, 9).map((each) => (
              <li key={`${each.timeNano}${each.Action}${each.Actor.ID}`}>
                <span class="clip">
                  <span class="muted">{each.Type}</span> <Subject event={each} />
                </span>
                <span class="row-end">
                  <Pill tone={toneOfEvent(each.Action)}>{each.Action.split(':')[0]}</Pill>
                  <span class="muted small-text">
                    <Time at={each.time} />
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </Page>
  );
}
