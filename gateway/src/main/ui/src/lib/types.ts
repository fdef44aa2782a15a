// The parts of the Engine API's and the platform's answers that are shown. Everything in them is text of others: it is
// shown as text, never as markup.

export interface Port {
  IP?: string;
  PrivatePort: number;
  PublicPort?: number;
  Type: string;
}

export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  Created: number;
  Ports: Port[];
  Labels: Record<string, string> | null;
  State: string;
  Status: string;
  SizeRw?: number;
  SizeRootFs?: number;
  HostConfig?: { NetworkMode?: string };
  NetworkSettings?: { Networks?: Record<string, EndpointSettings> };
  Mounts?: MountPoint[];
}

export interface EndpointSettings {
  NetworkID?: string;
  IPAddress?: string;
  GlobalIPv6Address?: string;
  Gateway?: string;
  MacAddress?: string;
  Aliases?: string[] | null;
}

export interface MountPoint {
  Type: string;
  Name?: string;
  Source?: string;
  Destination: string;
  Mode?: string;
  RW: boolean;
}

export interface ContainerState {
  Status: string;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  OOMKilled: boolean;
  Pid: number;
  ExitCode: number;
  Error: string;
  StartedAt: string;
  FinishedAt: string;
  Health?: { Status: string; FailingStreak: number; Log?: { Output: string; ExitCode: number; End: string }[] | null };
}

export interface ContainerDetails {
  Id: string;
  Name: string;
  Created: string;
  Path: string;
  Args: string[];
  Image: string;
  RestartCount: number;
  State: ContainerState;
  Config: {
    Image: string;
    Tty: boolean;
    OpenStdin: boolean;
    Env?: string[] | null;
    Labels?: Record<string, string> | null;
    User?: string;
    WorkingDir?: string;
    Hostname?: string;
  };
  HostConfig: {
    NetworkMode?: string;
    RestartPolicy?: { Name: string; MaximumRetryCount?: number };
    Memory?: number;
    NanoCpus?: number;
    PidsLimit?: number | null;
    Privileged?: boolean;
    ReadonlyRootfs?: boolean;
    CapAdd?: string[] | null;
    LogConfig?: { Type: string };
  };
  NetworkSettings: { Networks?: Record<string, EndpointSettings>; Ports?: Record<string, { HostIp: string; HostPort: string }[] | null> };
  Mounts: MountPoint[];
}

/** A build as GET /berth/builds tells of it. */
export interface BuildView {
  ref: string;
  by: string;
  project: string;
  names: string[];
  target?: string;
  created: string;
  /** Absent while it is under way. */
  ended?: string;
  error?: string;
  steps: number;
  cached: number;
}

export interface ImageSummary {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Created: number;
  Size: number;
  SharedSize: number;
  Containers: number;
  Labels: Record<string, string> | null;
}

export interface ImageDetails {
  Id: string;
  RepoTags: string[] | null;
  RepoDigests: string[] | null;
  Created?: string;
  Architecture: string;
  Os: string;
  Variant?: string;
  Size: number;
  Author?: string;
  Config?: {
    Env?: string[] | null;
    Cmd?: string[] | null;
    Entrypoint?: string[] | null;
    Labels?: Record<string, string> | null;
    ExposedPorts?: Record<string, unknown> | null;
    User?: string;
    WorkingDir?: string;
  };
  RootFS?: { Type: string; Layers?: string[] };
}

export interface HistoryItem {
  Id: string;
  Created: number;
  CreatedBy: string;
  Tags: string[] | null;
  Size: number;
  Comment: string;
}

export interface Network {
  Id: string;
  Name: string;
  Driver: string;
  Scope: string;
  Created: string;
  Internal: boolean;
  EnableIPv6?: boolean;
  IPAM?: { Config?: { Subnet?: string; Gateway?: string }[] | null };
  Labels?: Record<string, string> | null;
  Containers?: Record<string, { Name: string; IPv4Address: string; IPv6Address: string }> | null;
}

export interface Volume {
  Name: string;
  Driver: string;
  Mountpoint: string;
  CreatedAt?: string;
  Labels?: Record<string, string> | null;
  Scope: string;
  UsageData?: { Size: number; RefCount: number } | null;
}

export interface BuildCacheRecord {
  ID: string;
  Type: string;
  Description: string;
  InUse: boolean;
  Shared: boolean;
  Size: number;
  CreatedAt: string;
  LastUsedAt?: string | null;
  UsageCount: number;
}

export interface Usage<T> {
  ActiveCount: number;
  TotalCount: number;
  Reclaimable: number;
  TotalSize: number;
  Items?: T[] | null;
}

export interface DiskUsage {
  ImageUsage?: Usage<ImageSummary>;
  ContainerUsage?: Usage<ContainerSummary>;
  VolumeUsage?: Usage<Volume>;
  BuildCacheUsage?: Usage<BuildCacheRecord>;
  LayersSize?: number;
  Images?: ImageSummary[] | null;
  Containers?: ContainerSummary[] | null;
  Volumes?: Volume[] | null;
  BuildCache?: BuildCacheRecord[] | null;
}

export interface EventMessage {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes?: Record<string, string> | null };
  scope?: string;
  time: number;
  timeNano?: number;
}

export interface ServiceState {
  status: string;
  cause?: string;
  millis: number;
}

export interface GuardState {
  breaker: string;
  requests: number;
  failures: number;
  refusals: number;
  waiting: number;
  retries?: number;
  /** How long nothing could connect to it; 0 when it answers. */
  unreachableMillis?: number;
  lastFailure?: { at: string; cause: string } | null;
}

export interface PlatformView {
  time: string;
  uptime: string | number;
  health: { status: string; services: Record<string, ServiceState> };
  backends: Record<string, GuardState>;
  directMemoryBytes: number;
}

export interface Info {
  ID: string;
  Name: string;
  ServerVersion: string;
  OperatingSystem: string;
  KernelVersion: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  DockerRootDir?: string;
  Warnings?: string[] | null;
}

export interface RegistryRepository {
  name: string;
  tags: number;
  manifests: number;
  sizeBytes: number;
  changedAt: string;
}

export interface RegistryTag {
  name: string;
  digest: string;
  mediaType: string;
  artifactType?: string | null;
  sizeBytes: number;
  taggedAt: string;
}

export interface RegistryUsage {
  repositories: number;
  tags: number;
  manifests: number;
  blobs: number;
  sizeBytes: number;
  uploads: number;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  platform?: { os: string; architecture: string; variant?: string };
  annotations?: Record<string, string>;
}
