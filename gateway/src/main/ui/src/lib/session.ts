import { signal } from './signal';

/** Who is logged in. The gateway decides what they may; here only hides what it would refuse. */
export interface Session {
  name: string;
  role: 'operator' | 'developer' | 'viewer';
  projects: string[];
  /** How they are known: by a session, or because the platform asks nobody ("open"). */
  source: string;
  /** Shown with every change; empty where there is no session. */
  csrf: string;
}

/** Undefined until it has been asked for, null while nobody is logged in. */
export const session = signal<Session | null | undefined>(undefined);

/** What the platform without accounts lets everybody do. */
export const EVERYBODY: Session = { name: 'everybody', role: 'operator', projects: [], source: 'open', csrf: '' };

export type Right = 'change' | 'administrate';

/** Whether an image is the caller's to remove: an operator's any, a developer's when all of its names are of their projects. */
export function ownsImage(names: readonly string[], labels: Readonly<Record<string, string>> | null | undefined, who = session.value): boolean {
  if (who?.role !== 'developer') return who?.role === 'operator';
  const own = (project: string | undefined) => project !== undefined && who.projects.includes(project);
  return names.length > 0 ? names.every((name) => own(projectOf(name))) : own(labels?.['io.berth.project']);
}

/** The first component of a repository's path behind a registry's host, when there are several. */
export function projectOf(name: string): string | undefined {
  const parts = name.split('/');
  const host = parts.length > 1 && /[.:A-Z]|^localhost$/.test(parts[0]!);
  const path = host ? parts.slice(1) : parts;
  return path.length > 1 ? path[0] : undefined;
}

export function may(right: Right): boolean {
  const role = session.value?.role;
  return role === 'operator' || (right === 'change' && role === 'developer');
}
