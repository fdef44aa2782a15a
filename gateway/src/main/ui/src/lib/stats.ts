/** The parts of a sample of GET /containers/{id}/stats that are shown. */
export interface RawStats {
  read?: string;
  cpu_stats?: CpuStats;
  precpu_stats?: CpuStats;
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
  networks?: Record<string, { rx_bytes?: number; tx_bytes?: number }> | null;
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] | null };
  pids_stats?: { current?: number };
}

interface CpuStats {
  cpu_usage?: { total_usage?: number };
  system_cpu_usage?: number;
  online_cpus?: number;
}

export interface Sample {
  at: number;
  /** Nanoseconds of processor time since the container started. */
  cpuNanos: number;
  memory: number;
  memoryLimit: number;
  received: number;
  sent: number;
  read: number;
  written: number;
  processes: number;
}

export interface Rates {
  at: number;
  /** Of one processor: two busy ones are 200. */
  cpuPercent: number;
  memory: number;
  receivedPerSecond: number;
  sentPerSecond: number;
  readPerSecond: number;
  writtenPerSecond: number;
}

export function sample(raw: RawStats): Sample {
  const memory = raw.memory_stats ?? {};
  const io = raw.blkio_stats?.io_service_bytes_recursive ?? [];
  const ioOf = (op: string) => io.filter((each) => each.op.toLowerCase() === op).reduce((sum, each) => sum + each.value, 0);
  const traffic = Object.values(raw.networks ?? {});
  return {
    at: raw.read ? new Date(raw.read).getTime() : Date.now(),
    cpuNanos: raw.cpu_stats?.cpu_usage?.total_usage ?? 0,
    // As the command line does: what the kernel would give back first, the inactive files, does not count.
    memory: Math.max(0, (memory.usage ?? 0) - (memory.stats?.['inactive_file'] ?? memory.stats?.['total_inactive_file'] ?? 0)),
    memoryLimit: memory.limit ?? 0,
    received: traffic.reduce((sum, each) => sum + (each.rx_bytes ?? 0), 0),
    sent: traffic.reduce((sum, each) => sum + (each.tx_bytes ?? 0), 0),
    read: ioOf('read'),
    written: ioOf('write'),
    processes: raw.pids_stats?.current ?? 0,
  };
}

/** What happened between two samples; null when they are of the same moment, or the counters began anew. */
export function rates(before: Sample, now: Sample): Rates | null {
  const seconds = (now.at - before.at) / 1000;
  if (seconds <= 0 || now.cpuNanos < before.cpuNanos) {
    return null;
  }
  const perSecond = (a: number, b: number) => Math.max(0, (b - a) / seconds);
  return {
    at: now.at,
    cpuPercent: ((now.cpuNanos - before.cpuNanos) / 1e9 / seconds) * 100,
    memory: now.memory,
    receivedPerSecond: perSecond(before.received, now.received),
    sentPerSecond: perSecond(before.sent, now.sent),
    readPerSecond: perSecond(before.read, now.read),
    writtenPerSecond: perSecond(before.written, now.written),
  };
}
