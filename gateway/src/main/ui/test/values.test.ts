import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reference } from '../src/components/pull';
import { path, url } from '../src/lib/api';
import { exposures, reachOf, widest } from '../src/lib/exposure';
import { ago, bytes, duration, instant, isoSeconds, percent } from '../src/lib/format';
import { layout } from '../src/lib/netmap';
import { match } from '../src/lib/router';
import { ownsImage, projectOf, type Session } from '../src/lib/session';
import { parseRun, ports, size, words } from '../src/lib/runform';
import { rates, sample } from '../src/lib/stats';
import type { ContainerSummary, Network } from '../src/lib/types';

test('bytes have three digits', () => {
  assert.deepEqual([0, 999, 1000, 12_345_678, 999_600, 5e9].map(bytes), ['0 B', '999 B', '1.00 KB', '12.3 MB', '1.00 MB', '5.00 GB']);
  assert.equal(bytes(undefined), '–');
  assert.equal(bytes(-1), '–');
});

test('times and shares', () => {
  assert.equal(percent(0.04), '0.0 %');
  assert.equal(percent(199.96), '200 %');
  assert.equal(duration(59), '59 s');
  assert.equal(duration(3 * 86400), '3 days');
  assert.equal(instant('0001-01-01T00:00:00Z'), null);
  assert.equal(ago(1_800_000_000, 1_800_000_060_000), '1 min ago');
  assert.equal(isoSeconds('PT1H2M3.5S'), 3723.5);
});

test('paths escape what is in a name, but not its slashes', () => {
  assert.equal(path`/images/${'a/b:1?x=<y>'}/json`, '/images/a/b%3A1%3Fx%3D%3Cy%3E/json');
  assert.equal(url('/x', { a: true, b: undefined, c: '&' }), '/x?a=true&c=%26');
});

test('routes', () => {
  assert.deepEqual(match('/containers/:id/:tab?', '/containers/a'), { id: 'a' });
  assert.deepEqual(match('/containers/:id/:tab?', '/containers/a/logs'), { id: 'a', tab: 'logs' });
  assert.equal(match('/containers/:id/:tab?', '/containers/a/logs/x'), null);
  assert.deepEqual(match('/registry/*name', '/registry/team/app'), { name: 'team/app' });
  assert.equal(match('/registry/*name', '/registry'), null);
  assert.deepEqual(match('/images/:id', '/images/%E0%A4%A'), { id: '%E0%A4%A' });
});

test('who reaches a port', () => {
  assert.deepEqual(['0.0.0.0', '::', '', '127.0.0.2', '::1', '192.0.2.1', 'fd00::1'].map(reachOf), ['everywhere', 'everywhere', 'everywhere', 'loopback', 'loopback', 'address', 'address']);
  assert.equal(widest(['loopback', 'everywhere', 'address']), 'everywhere');
  assert.equal(widest([]), null);
  const found = exposures([
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '127.0.0.1', PrivatePort: 80, PublicPort: 81, Type: 'tcp' },
    { PrivatePort: 443, Type: 'tcp' },
  ]);
  assert.deepEqual(found, [
    { reach: 'loopback', addresses: ['127.0.0.1'], hostPort: 81, port: 80, protocol: 'tcp' },
    { reach: 'everywhere', addresses: ['0.0.0.0', '::'], hostPort: 8080, port: 80, protocol: 'tcp' },
  ]);
});

test('rates are of the time between two samples', () => {
  const at = (seconds: number, cpu: number, rx: number) =>
    sample({
      read: new Date(seconds * 1000).toISOString(),
      cpu_stats: { cpu_usage: { total_usage: cpu * 1e9 } },
      memory_stats: { usage: 100, stats: { inactive_file: 30 } },
      networks: { eth0: { rx_bytes: rx, tx_bytes: 0 }, eth1: { rx_bytes: rx } },
      blkio_stats: { io_service_bytes_recursive: [{ op: 'Read', value: rx }, { op: 'Write', value: 2 * rx }] },
    });
  const found = rates(at(10, 1, 100), at(12, 4, 200))!;
  assert.equal(found.cpuPercent, 150);
  assert.equal(found.memory, 70);
  assert.equal(found.receivedPerSecond, 100);
  assert.equal(found.writtenPerSecond, 100);
  assert.equal(rates(at(10, 5, 0), at(11, 1, 0)), null, 'the container began anew');
  assert.equal(rates(at(10, 5, 0), at(10, 5, 0)), null);
  assert.equal(sample({ networks: null, blkio_stats: { io_service_bytes_recursive: null } }).received, 0);
});

test('the form of a container', () => {
  assert.deepEqual(words(`sh -c 'echo "a b"' "x\\"y" a\\ b`), ['sh', '-c', 'echo "a b"', 'x"y', 'a b']);
  assert.throws(() => words('echo "x'), /open "/);
  assert.equal(size('1.5g'), 1610612736);
  assert.equal(size('100'), 100);
  assert.throws(() => size('many'), /no size/);
  assert.deepEqual(ports('127.0.0.1:8080:80, 53:53/udp 9000 [::1]:1:2'), [
    { hostIp: '127.0.0.1', hostPort: '8080', key: '80/tcp' },
    { hostIp: '', hostPort: '53', key: '53/udp' },
    { hostIp: '', hostPort: '', key: '9000/tcp' },
    { hostIp: '::1', hostPort: '1', key: '2/tcp' },
  ]);
  assert.throws(() => ports('80:http'), /no port/);
  const form = { image: ' a ', command: '', ports: '80:80', env: 'A=1\n\nB=', network: '', restart: 'no', memory: '', tty: false };
  assert.deepEqual(parseRun(form), {
    Image: 'a',
    Env: ['A=1', 'B='],
    Tty: false,
    OpenStdin: false,
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '80' }] }, NetworkMode: 'default', RestartPolicy: { Name: 'no' } },
  });
  assert.throws(() => parseRun({ ...form, env: 'no setting' }), /NAME=value/);
});

test('references', () => {
  assert.deepEqual(reference('localhost:5000/a'), { fromImage: 'localhost:5000/a', tag: 'latest' });
  assert.deepEqual(reference('a/b:1'), { fromImage: 'a/b', tag: '1' });
  assert.deepEqual(reference('a@sha256:0'), { fromImage: 'a@sha256:0' });
});

test('the map of networks shows who reaches what', () => {
  const container = (name: string, network: string, ip?: string): ContainerSummary =>
    ({
      Id: name,
      Names: [`/${name}`],
      State: 'running',
      Ports: ip === undefined ? [] : [{ IP: ip, PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
      NetworkSettings: { Networks: { [network]: { IPAddress: '10.0.0.2' } } },
    }) as unknown as ContainerSummary;
  const networks = [
    { Id: '1', Name: 'front', Driver: 'bridge', Internal: false },
    { Id: '2', Name: 'back', Driver: 'bridge', Internal: true },
    { Id: '3', Name: 'none', Driver: 'null', Internal: false },
  ] as unknown as Network[];
  const map = layout([container('web', 'front', '0.0.0.0'), container('db', 'back'), { ...container('old', 'front'), State: 'exited' }], networks, '', 10);
  assert.deepEqual(map.boxes.map((each) => each.title), ['Everyone', 'db', 'web', 'back', 'front']);
  assert.deepEqual(map.lines.map((each) => `${each.from.title} ${each.label} ${each.to.title}`), ['db  back', 'Everyone 8080 web', 'web  front']);
  assert.equal(layout([container('a', 'front'), container('b', 'front')], networks, '', 1).left, 1);
  assert.deepEqual(layout([container('a', 'front'), container('b', 'back')], networks, 'back', 9).boxes.map((each) => each.title), ['b', 'back']);
});

test('images belong to projects as the gateway has it', () => {
  assert.deepEqual(['debian', 'shop/app:1', 'localhost:2375/shop/app', 'Foo/shop/app', 'localhost/app', 'registry.example/app', 'shop/deep/app'].map(projectOf), [
    undefined,
    'shop',
    'shop',
    'shop',
    undefined,
    undefined,
    'shop',
  ]);
  const alice: Session = { name: 'alice', role: 'developer', projects: ['shop'], source: 'token', csrf: '' };
  assert.equal(ownsImage(['shop/app:1'], null, alice), true);
  assert.equal(ownsImage(['shop/app:1', 'debian:13'], null, alice), false);
  assert.equal(ownsImage(['debian:13'], { 'io.berth.project': 'shop' }, alice), false);
  assert.equal(ownsImage([], { 'io.berth.project': 'shop' }, alice), true);
  assert.equal(ownsImage([], {}, alice), false);
  assert.equal(ownsImage(['debian:13'], null, { ...alice, role: 'operator' }), true);
  assert.equal(ownsImage(['shop/app:1'], null, { ...alice, role: 'viewer' }), false);
});
