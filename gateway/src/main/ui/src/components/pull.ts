import { send } from '../lib/api';
import { jsonLines } from '../lib/stream';

export interface Progress {
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
  errorDetail?: { message?: string };
}

/** Splits a reference into what POST /images/create calls fromImage and tag; a digest goes with the image. */
export function reference(text: string): { fromImage: string; tag?: string } {
  if (text.includes('@')) return { fromImage: text };
  const colon = text.lastIndexOf(':');
  return colon > text.lastIndexOf('/') ? { fromImage: text.slice(0, colon), tag: text.slice(colon + 1) } : { fromImage: text, tag: 'latest' };
}

/** Pulls an image and tells how far it is; what goes wrong on the way is thrown. */
export async function pull(image: string, tell: (text: string, share: number | null) => void, signal?: AbortSignal): Promise<void> {
  const response = await send('/images/create', { method: 'POST', query: reference(image), signal });
  const layers = new Map<string, { current: number; total: number }>();
  let failure: string | null = null;
  await jsonLines<Progress>(response, (line) => {
    if (line.error || line.errorDetail) {
      failure = line.errorDetail?.message ?? line.error ?? 'the pull failed';
    } else if (line.id && line.progressDetail?.total && line.status === 'Downloading') {
      layers.set(line.id, { current: line.progressDetail.current ?? 0, total: line.progressDetail.total });
    } else if (line.id && layers.has(line.id) && /complete|extracting/i.test(line.status ?? '')) {
      layers.get(line.id)!.current = layers.get(line.id)!.total;
    }
    const total = [...layers.values()].reduce((sum, each) => sum + each.total, 0);
    const current = [...layers.values()].reduce((sum, each) => sum + each.current, 0);
    tell([line.status, line.id].filter(Boolean).join(' '), total > 0 ? current / total : null);
  });
  if (failure !== null) throw new Error(failure);
}
