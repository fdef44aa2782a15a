import type { ComponentChildren } from 'preact';
import { post } from '../lib/api';
import { bytes } from '../lib/format';
import { confirm } from './dialog';
import { toast } from './toast';

export interface Prune {
  title: string;
  text: ComponentChildren;
  option?: string;
  action: string;
  /** What is asked to remove what nothing uses, and by which parameters, given whether the option is chosen. */
  target: string;
  query: (option: boolean) => Record<string, string>;
  done: () => void;
}

/** Removes what nothing uses, once that is confirmed, and tells how much space it freed. */
export function prune({ title, text, option, action, target, query, done }: Prune): void {
  confirm({
    title,
    text,
    option,
    action,
    danger: true,
    run: async (chosen) => {
      const report = await post<{ SpaceReclaimed?: number }>(target, query(chosen));
      toast(`${bytes(report?.SpaceReclaimed ?? 0)} freed`, 'ok');
      done();
    },
  });
}
