import { session } from './session';

/** An error that the platform answered with, or the failure to reach it (status 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(message);
  }

  get unavailable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503;
  }
}

interface Options {
  method?: string;
  query?: Record<string, string | number | boolean | undefined>;
  json?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export function url(path: string, query: Options['query'] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A path with each part escaped; a name may have slashes, which stay. */
export function path(parts: TemplateStringsArray, ...names: string[]): string {
  return parts.reduce((text, part, i) => text + part + (i < names.length ? names[i]!.split('/').map(encodeURIComponent).join('/') : ''), '');
}

export async function send(target: string, options: Options = {}): Promise<Response> {
  const method = options.method ?? 'GET';
  const headers: Record<string, string> = { ...options.headers };
  if (options.json !== undefined) headers['Content-Type'] = 'application/json';
  const csrf = session.value?.csrf;
  if (csrf && method !== 'GET') headers['X-CSRF-Token'] = csrf;
  let response: Response;
  try {
    response = await fetch(url(target, options.query), {
      method,
      headers,
      body: options.json === undefined ? undefined : JSON.stringify(options.json),
      signal: options.signal,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch (e) {
    if (options.signal?.aborted) throw e;
    throw new ApiError(0, 'the gateway cannot be reached');
  }
  if (response.ok || response.status === 304) return response;
  const error = await failure(response);
  if (error.status === 401 && session.value !== null && !target.startsWith('/v2/') && !target.startsWith('/berth/registry/')) {
    session.value = null; // it has ended: the login page is shown
  }
  throw error;
}

async function failure(response: Response): Promise<ApiError> {
  let message = `${response.status} ${response.statusText}`.trim();
  try {
    const body = (await response.json()) as { message?: string; errors?: { message?: string; detail?: unknown }[] };
    const text = body.message ?? body.errors?.map((each) => each.message).join('; ');
    if (text) message = text;
  } catch {
    // Not in a known shape: the status has to do.
  }
  const retry = Number(response.headers.get('Retry-After'));
  return new ApiError(response.status, message, Number.isFinite(retry) && retry > 0 ? retry : null);
}

export async function get<T>(target: string, query?: Options['query'], signal?: AbortSignal): Promise<T> {
  return (await (await send(target, { query, signal })).json()) as T;
}

export async function call<T = unknown>(method: string, target: string, options: Omit<Options, 'method'> = {}): Promise<T | null> {
  const text = await (await send(target, { ...options, method })).text();
  return text === '' ? null : (JSON.parse(text) as T);
}

export function post<T = unknown>(target: string, query?: Options['query'], json?: unknown): Promise<T | null> {
  return call<T>('POST', target, { query, json });
}

export function filters(values: Record<string, string[]>): string {
  return JSON.stringify(values);
}

/** Opens a websocket of the same origin. */
export function webSocket(target: string, query?: Options['query']): WebSocket {
  const at = new URL(url(target, query), location.href);
  at.protocol = at.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(at);
  socket.binaryType = 'arraybuffer';
  return socket;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
