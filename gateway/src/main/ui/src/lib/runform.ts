export interface RunForm {
  image: string;
  command: string;
  ports: string;
  env: string;
  network: string;
  restart: string;
  memory: string;
  tty: boolean;
}

/** Splits a command line into words as a shell does with quotes and backslashes, and nothing else of a shell. */
export function words(line: string): string[] {
  const found: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!;
    if (quote !== null) {
      if (c === quote) quote = null;
      else if (c === '\\' && quote === '"' && i + 1 < line.length && '"\\'.includes(line[i + 1]!)) word += line[++i]!;
      else word += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      word ??= '';
    } else if (/\s/.test(c)) {
      if (word !== null) found.push(word);
      word = null;
    } else {
      word = (word ?? '') + (c === '\\' && i + 1 < line.length ? line[++i]! : c);
    }
  }
  if (quote !== null) throw new Error(`the command has an open ${quote}`);
  if (word !== null) found.push(word);
  return found;
}

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i;

/** A size as docker run takes it, in bytes: 256m, 1.5g. */
export function size(text: string): number {
  const parts = SIZE.exec(text.trim());
  if (!parts) throw new Error(`"${text}" is no size: write 256m or 1g`);
  return Math.round(Number(parts[1]) * 1024 ** ' kmgt'.indexOf((parts[2] || ' ').toLowerCase()));
}

export interface PortOrder {
  key: string;
  hostIp: string;
  hostPort: string;
}

/** Ports as docker run takes them: [address:][host port:]port[/protocol], IPv6 addresses in brackets. */
export function ports(text: string): PortOrder[] {
  return text
    .split(/[,\s]+/)
    .filter(Boolean)
    .map((each) => {
      const parts = /^(?:(?:(\[[0-9a-fA-F:.]+\]|\d+\.\d+\.\d+\.\d+):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/.exec(each);
      if (!parts) throw new Error(`"${each}" is no port: write 8080:80 or 127.0.0.1:8080:80`);
      return { hostIp: (parts[1] ?? '').replace(/[[\]]/g, ''), hostPort: parts[2] ?? '', key: `${parts[3]}/${parts[4] ?? 'tcp'}` };
    });
}

/** What POST /containers/create is sent. */
export function parseRun(form: RunForm): Record<string, unknown> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  const exposed: Record<string, object> = {};
  for (const each of ports(form.ports)) {
    (bindings[each.key] ??= []).push({ HostIp: each.hostIp, HostPort: each.hostPort });
    exposed[each.key] = {};
  }
  const env = form.env
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const wrong = env.find((line) => !/^[^=\s]+=/.test(line));
  if (wrong !== undefined) throw new Error(`"${wrong}" is no setting: write NAME=value`);
  const command = words(form.command);
  return {
    Image: form.image.trim(),
    ...(command.length > 0 ? { Cmd: command } : {}),
    Env: env,
    Tty: form.tty,
    OpenStdin: form.tty,
    ExposedPorts: exposed,
    HostConfig: {
      PortBindings: bindings,
      NetworkMode: form.network || 'default',
      RestartPolicy: { Name: form.restart },
      ...(form.memory.trim() ? { Memory: size(form.memory) } : {}),
    },
  };
}
