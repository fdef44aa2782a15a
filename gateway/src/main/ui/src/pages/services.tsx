import { get, path, post } from '../lib/api';
import { bytes, duration, isoSeconds } from '../lib/format';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { GuardState, PlatformView, ServiceState } from '../lib/types';
import { Button, Card, ErrorBox, Facts, Loading, Page, Pill, Time, type Tone } from '../components/basics';
import { confirm } from '../components/dialog';

export const BREAKER: Record<string, { tone: Tone; text: string }> = {
  CLOSED: { tone: 'ok', text: 'closed' },
  OPEN: { tone: 'bad', text: 'open, refuses' },
  HALF_OPEN: { tone: 'warn', text: 'half open, tries' },
  FORCED_OPEN: { tone: 'bad', text: 'held open' },
  DISABLED: { tone: 'warn', text: 'switched off' },
};

const ABOUT: Record<string, string> = {
  engine: 'containers, networks, volumes, events',
  image: 'images, pulls, builds',
  registry: 'repositories, tags',
  gateway: 'this dashboard and all connections',
};

export function usePlatform() {
  return useResource((signal) => get<PlatformView>('/api/platform', {}, signal), 'platform', 5000);
}

function ServiceCards({ view, reload }: { view: PlatformView; reload: () => void }) {
  return (
    <div class="grid services">
      {Object.entries(view.health.services).map(([name, service]) => (
        <ServiceCard key={name} name={name} service={service} backend={name === 'gateway' ? 'platform' : name} guard={view.backends[name === 'gateway' ? 'platform' : name]} reload={reload} />
      ))}
    </div>
  );
}

interface CardProps {
  name: string;
  service: ServiceState;
  backend: string;
  guard: GuardState | undefined;
  reload: () => void;
}

function ServiceCard({ name, service, backend, guard, reload }: CardProps) {
  const up = service.status === 'UP';
  const breaker = guard && (BREAKER[guard.breaker] ?? { tone: 'idle' as Tone, text: guard.breaker.toLowerCase() });
  return (
    <Card className={`service ${up ? '' : 'down'}`}>
      <div class="service-head">
        <h3>{name}</h3>
        <Pill tone={up ? 'ok' : 'bad'}>{up ? 'up' : 'down'}</Pill>
      </div>
      <p class="muted small-text">{ABOUT[name] ?? ''}</p>
      {service.cause && (
        <p class="error-text" role="alert">
          {service.cause}
        </p>
      )}
      <Facts
        rows={[
          ['Answered in', up ? `${service.millis} ms` : '–'],
          ...(guard && breaker
            ? ([
                ['Breaker', <Pill tone={breaker.tone}>{breaker.text}</Pill>],
                ['Requests', guard.requests.toLocaleString('en')],
                ['Failed, refused', `${guard.failures.toLocaleString('en')}, ${guard.refusals.toLocaleString('en')}`],
                ['Waiting now', String(guard.waiting)],
                ...(guard.unreachableMillis ? [['Unreachable for', duration(guard.unreachableMillis / 1000)]] : []),
                ...(guard.lastFailure
                  ? [
                      [
                        'Last failure',
                        <>
                          <Time at={guard.lastFailure.at} />: {guard.lastFailure.cause}
                        </>,
                      ],
                    ]
                  : []),
              ] as [string, preact.ComponentChildren][])
            : []),
        ]}
      />
      {guard && backend !== 'platform' && may('administrate') && <BreakerButtons name={name} backend={backend} guard={guard} reload={reload} />}
    </Card>
  );
}

/** What an operator may have a breaker do. */
function BreakerButtons({ name, backend, guard, reload }: { name: string; backend: string; guard: GuardState; reload: () => void }) {
  const command = async (state: string) => {
    await post(path`/api/platform/breakers/${backend}`, {}, { state });
    reload();
  };
  return (
    <div class="actions" role="group" aria-label={`Breaker of ${name}`}>
      {guard.breaker !== 'CLOSED' && (
        <Button small onPress={() => command('closed')}>
          Close breaker
        </Button>
      )}
      {guard.breaker === 'CLOSED' && (
        <Button
          small
          onPress={() =>
            confirm({
              title: `Open the breaker of ${name}?`,
              text: <p>All requests to it are refused until the breaker is closed again.</p>,
              action: 'Open breaker',
              danger: true,
              run: () => command('open'),
            })
          }
        >
          Open breaker
        </Button>
      )}
      {/OPEN/.test(guard.breaker) && guard.breaker !== 'HALF_OPEN' && (
        <Button small onPress={() => command('half-open')}>
          Try it
        </Button>
      )}
    </div>
  );
}

export function Services() {
  const platform = usePlatform();
  return (
    <Page
      title="Services"
      lead={platform.data && <>{platform.data.health.status === 'UP' ? <Pill tone="ok">all services are up</Pill> : platform.data.health.status === 'DEGRADED' ? <Pill tone="bad">a node is lost</Pill> : <Pill tone="bad">a service is down</Pill>}</>}
    >
      <ErrorBox error={platform.error} what="Services" retry={platform.reload} />
      {!platform.data && !platform.error && <Loading />}
      {platform.data && (
        <>
          <ServiceCards view={platform.data} reload={platform.reload} />
          <Card title="Gateway">
            <Facts
              rows={[
                ['Up for', duration(isoSeconds(platform.data.uptime))],
                ['Network buffers', bytes(platform.data.directMemoryBytes)],
                ...(may('administrate') ? ([['Metrics', <a href="/metrics">/metrics</a>]] as [string, preact.ComponentChildren][]) : []),
              ]}
            />
          </Card>
        </>
      )}
    </Page>
  );
}
