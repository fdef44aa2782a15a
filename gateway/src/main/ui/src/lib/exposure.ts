import type { Port } from './types';

/** Who can reach a published port: this machine, those who reach one address of it, or everybody who reaches the machine. */
export type Reach = 'loopback' | 'address' | 'everywhere';

export interface Exposure {
  reach: Reach;
  /** Addresses of the host, none of them twice. */
  addresses: string[];
  hostPort: number;
  port: number;
  protocol: string;
}

export function reachOf(address: string): Reach {
  if (address === '' || address === '0.0.0.0' || address === '::') return 'everywhere';
  if (address === '::1' || address.startsWith('127.')) return 'loopback';
  return 'address';
}

const ORDER: Reach[] = ['loopback', 'address', 'everywhere'];

export function widest(reaches: Reach[]): Reach | null {
  return reaches.reduce<Reach | null>((most, each) => (most === null || ORDER.indexOf(each) > ORDER.indexOf(most) ? each : most), null);
}

/** The published ports of a container; the same port at several addresses (IPv4 and IPv6) is one. */
export function exposures(ports: Port[]): Exposure[] {
  const found = new Map<string, Exposure>();
  for (const each of ports) {
    if (!each.PublicPort) continue;
    const address = each.IP ?? '';
    const reach = reachOf(address);
    const key = `${reach} ${each.PublicPort} ${each.PrivatePort} ${each.Type}`;
    const known = found.get(key);
    if (known) {
      if (!known.addresses.includes(address)) known.addresses.push(address);
    } else {
      found.set(key, { reach, addresses: [address], hostPort: each.PublicPort, port: each.PrivatePort, protocol: each.Type });
    }
  }
  return [...found.values()].sort((a, b) => a.hostPort - b.hostPort || a.port - b.port);
}

export const REACH_TEXT: Record<Reach, string> = {
  loopback: 'this machine only',
  address: 'one address of the host',
  everywhere: 'everyone who reaches the host',
};
