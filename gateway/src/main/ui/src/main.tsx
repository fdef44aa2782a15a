import '@xterm/xterm/css/xterm.css';
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/components.css';
import './style/pages.css';
import { render, type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, get } from './lib/api';
import { eventState, startEvents } from './lib/events';
import { currentPath, go, href, match, useLocation } from './lib/router';
import { EVERYBODY, session, type Session } from './lib/session';
import { useSignal } from './lib/signal';
import { choose, theme } from './lib/theme';
import { Button, Empty, ErrorBox, Loading, Page } from './components/basics';
import { Confirmation, Dialog } from './components/dialog';
import { Icon, type IconName } from './components/icons';
import { Toasts } from './components/toast';
import { Audit } from './pages/audit';
import { Builds } from './pages/builds';
import { ContainerPage } from './pages/container';
import { Containers } from './pages/containers';
import { Disk } from './pages/disk';
import { Events } from './pages/events';
import { ImagePage, Images } from './pages/images';
import { Login } from './pages/login';
import { Networks } from './pages/networks';
import { Nodes } from './pages/nodes';
import { Overview } from './pages/overview';
import { Registry, RepositoryPage } from './pages/registry';
import { Services } from './pages/services';
import { Volumes } from './pages/volumes';

interface Place {
  path: string;
  title: string;
  icon: IconName;
  key: string;
  operatorOnly?: boolean;
  /** In the bar at the foot of a phone's screen. */
  foot?: boolean;
}

const PLACES: Place[] = [
  { path: '/', title: 'Overview', icon: 'overview', key: 'o', foot: true },
  { path: '/containers', title: 'Containers', icon: 'containers', key: 'c', foot: true },
  { path: '/images', title: 'Images', icon: 'images', key: 'i', foot: true },
  { path: '/builds', title: 'Builds', icon: 'builds', key: 'b' },
  { path: '/registry', title: 'Registry', icon: 'registry', key: 'r' },
  { path: '/networks', title: 'Networks', icon: 'networks', key: 'n', foot: true },
  { path: '/volumes', title: 'Volumes', icon: 'volumes', key: 'v' },
  { path: '/events', title: 'Events', icon: 'events', key: 'e' },
  { path: '/nodes', title: 'Nodes', icon: 'nodes', key: 'm' },
  { path: '/services', title: 'Services', icon: 'services', key: 's' },
  { path: '/disk', title: 'Disk', icon: 'disk', key: 'd' },
  { path: '/audit', title: 'Audit', icon: 'audit', key: 'a', operatorOnly: true },
];

const ROUTES: [string, (found: Record<string, string>) => ComponentChildren][] = [
  ['/', () => <Overview />],
  ['/containers', () => <Containers />],
  ['/containers/:id/:tab?', ({ id, tab }) => <ContainerPage key={id} id={id!} tab={tab} />],
  ['/images', () => <Images />],
  ['/images/:id', ({ id }) => <ImagePage key={id} id={id!} />],
  ['/builds', () => <Builds />],
  ['/registry', () => <Registry />],
  ['/registry/*name', ({ name }) => <RepositoryPage key={name} name={name!} />],
  ['/networks', () => <Networks />],
  ['/volumes', () => <Volumes />],
  ['/events', () => <Events />],
  ['/nodes', () => <Nodes />],
  ['/services', () => <Services />],
  ['/disk', () => <Disk />],
  ['/audit', () => <Audit />],
];

function found(path: string): ComponentChildren {
  for (const [pattern, page] of ROUTES) {
    const parameters = match(pattern, path);
    if (parameters) return page(parameters);
  }
  return (
    <Page title="No such page">
      <Empty title="There is nothing here">
        <a href={href('/')}>Overview</a>
      </Empty>
    </Page>
  );
}

/** Asks who is logged in; a platform without accounts lets everybody in. */
async function askSession(): Promise<void> {
  try {
    session.value = await get<Session>('/api/session');
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) session.value = null;
    else if (e instanceof ApiError && e.status === 404) session.value = EVERYBODY;
    else throw e;
  }
}

function App() {
  const who = useSignal(session);
  const [error, setError] = useState<unknown>(null);
  const ask = () => {
    setError(null);
    askSession().catch((e: unknown) => setError(e));
  };
  useEffect(ask, []);
  if (error && who === undefined) {
    return (
      <main class="login">
        <ErrorBox error={error} what="Berth" retry={ask} />
      </main>
    );
  }
  if (who === undefined) return <Loading />;
  return (
    <>
      {who === null ? <Login /> : <Shell key={who.name} who={who} />}
      <Confirmation />
      <Toasts />
    </>
  );
}

function isCurrent(place: Place, path: string): boolean {
  return place.path === '/' ? path === '/' : path === place.path || path.startsWith(`${place.path}/`);
}

function Shell({ who }: { who: Session }) {
  const { path } = useLocation();
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  const live = useSignal(eventState);
  const nav = useRef<HTMLElement>(null);
  const places = PLACES.filter((each) => !each.operatorOnly || who.role === 'operator');
  useEffect(startEvents, []);
  useEffect(() => setMenu(false), [path]);
  useShortcuts(places, () => setHelp(true), () => setMenu(false));
  useEffect(() => {
    if (menu) nav.current?.querySelector('a')?.focus();
  }, [menu]);
  const link = (place: Place) => (
    <a key={place.path} href={href(place.path)} aria-current={isCurrent(place, path) ? 'page' : undefined}>
      <Icon name={place.icon} />
      <span>{place.title}</span>
    </a>
  );
  return (
    <div class={`shell ${menu ? 'menu-open' : ''}`}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <Button kind="quiet" icon="menu" label={menu ? 'Close the menu' : 'Open the menu'} onPress={() => setMenu(!menu)} />
        <a class="brand" href={href('/')}>
          <Icon name="containers" /> Berth
        </a>
      </header>
      <aside class="side">
        <a class="brand" href={href('/')}>
          <Icon name="containers" /> Berth
        </a>
        <nav ref={nav} aria-label="Main">
          {places.map(link)}
        </nav>
        <div class="side-foot">
          <p class={`live ${live}`} role="status">
            <span class="dot" aria-hidden="true" />
            {live === 'live' ? 'Live' : live === 'ended' ? 'Not live' : 'Connecting'}
          </p>
          <ThemeChoice />
          <div class="who">
            <span class="clip">
              {who.name}
              <span class="muted"> · {who.role}</span>
            </span>
            {who.source === 'session' && (
              <Button
                kind="quiet"
                small
                icon="logout"
                label="Log out"
                onPress={async () => {
                  await call('DELETE', '/api/session');
                  session.value = null;
                }}
              />
            )}
            <Button kind="quiet" small icon="keyboard" label="Keyboard shortcuts" onPress={() => setHelp(true)} />
          </div>
        </div>
      </aside>
      {menu && <div class="scrim" onClick={() => setMenu(false)} />}
      <main id="content" tabIndex={-1}>
        {found(path)}
      </main>
      <nav class="foot" aria-label="Short cuts">
        {places.filter((each) => each.foot).map(link)}
        <button type="button" onClick={() => setMenu(!menu)} aria-expanded={menu}>
          <Icon name="more" />
          <span>More</span>
        </button>
      </nav>
      {help && <Help places={places} onClose={() => setHelp(false)} />}
    </div>
  );
}

function ThemeChoice() {
  const chosen = useSignal(theme);
  return (
    <div class="segments icons" role="group" aria-label="Theme">
      {(
        [
          ['light', 'sun'],
          ['system', 'monitor'],
          ['dark', 'moon'],
        ] as const
      ).map(([name, icon]) => (
        <button key={name} type="button" aria-pressed={chosen === name} aria-label={`${name} theme`} title={`${name} theme`} onClick={() => choose(name)}>
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}

/** "g" and a letter goes to a page, "/" to the search, "?" tells of these. */
function useShortcuts(places: Place[], help: () => void, escape: () => void): void {
  const latest = useRef({ places, help, escape });
  latest.current = { places, help, escape };
  useEffect(() => {
    let prefix = 0;
    const key = (event: KeyboardEvent) => {
      if (event.ctrlKey && event.shiftKey && event.key === 'Escape') {
        document.querySelector<HTMLElement>('#content h1')?.focus();
        return;
      }
      const target = event.target as HTMLElement | null;
      const typing = target?.closest?.('input, textarea, select, [contenteditable], .terminal-box, dialog');
      if (event.key === 'Escape' && !typing) latest.current.escape();
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('[data-search]');
        if (search) {
          event.preventDefault();
          search.focus();
          search.select();
        }
      } else if (event.key === '?') {
        latest.current.help();
      } else if (event.key === 'g') {
        prefix = Date.now();
      } else if (Date.now() - prefix < 1500) {
        prefix = 0;
        const place = latest.current.places.find((each) => each.key === event.key);
        if (place) go(place.path);
      }
    };
    document.addEventListener('keydown', key, true);
    return () => document.removeEventListener('keydown', key, true);
  }, []);
}

function Help({ places, onClose }: { places: Place[]; onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl class="shortcuts">
        <div>
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>Search on this page</dd>
        </div>
        <div>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This list</dd>
        </div>
        {places.map((each) => (
          <div key={each.key}>
            <dt>
              <kbd>g</kbd> <kbd>{each.key}</kbd>
            </dt>
            <dd>{each.title}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

if (currentPath() === '/' && location.pathname === '/ui/') history.replaceState(null, '', '/ui');
render(<App />, document.getElementById('app')!);
