import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button, Empty, Loading, SearchBox } from './basics';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** What it is sorted by; without it the column cannot be sorted. */
  sort?: (row: T) => string | number;
  className?: string;
  /** Left out on narrow screens. */
  minor?: boolean;
}

interface Props<T> {
  caption: string;
  /** Null until they are known. */
  rows: T[] | null;
  /** Why they are not known, or not as they are now; told of elsewhere. */
  error?: unknown;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** The text that a search looks in. */
  text?: (row: T) => string;
  searchLabel?: string;
  filters?: ComponentChildren;
  initialSort?: string;
  descending?: boolean;
  empty: ComponentChildren;
  /** Told which rows are on the screen. */
  onVisible?: (rows: T[]) => void;
  pageSize?: number;
}

/** One for all, so that what is computed from it is computed once. */
const NONE: never[] = [];

/**
 * A table of any number of rows, of which a page is shown: sorted by its column heads, found by a search. On a phone each row
 * is a card.
 */
export function Table<T>({ caption, rows: known, error, columns, rowKey, text, searchLabel, filters, initialSort, descending, empty, onVisible, pageSize = 50 }: Props<T>) {
  const rows = known ?? (error ? NONE : null);
  const [query, setQuery] = useState('');
  const [sort, setSort] = useState({ id: initialSort ?? '', down: descending ?? false });
  const [page, setPage] = useState(0);

  const found = useMemo(() => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const list = rows === null ? [] : words.length === 0 || !text ? [...rows] : rows.filter((row) => words.every((word) => text(row).toLowerCase().includes(word)));
    const by = columns.find((column) => column.id === sort.id)?.sort;
    if (by) {
      list.sort((a, b) => {
        const x = by(a);
        const y = by(b);
        const order = typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
        return sort.down ? -order : order;
      });
    }
    return list;
  }, [rows, query, sort, columns]);

  const pages = Math.max(1, Math.ceil(found.length / pageSize));
  const current = Math.min(page, pages - 1);
  const visible = useMemo(() => found.slice(current * pageSize, (current + 1) * pageSize), [found, current, pageSize]);
  useEffect(() => onVisible?.(visible), [visible]);

  return (
    <div class="table-block">
      {(text || filters) && (
        <div class="toolbar">
          {text && (
            <SearchBox
              value={query}
              label={searchLabel ?? `Search ${caption.toLowerCase()}`}
              onChange={(value) => {
                setQuery(value);
                setPage(0);
              }}
            />
          )}
          {filters}
          <span class="muted count" role="status">
            {rows === null ? '' : found.length === rows.length ? `${rows.length}` : `${found.length} of ${rows.length}`}
          </span>
        </div>
      )}
      {rows === null ? (
        <Loading />
      ) : rows.length === 0 ? (
        !error && empty
      ) : found.length === 0 ? (
        <Empty title="Nothing fits the search" />
      ) : (
        <div class="table-wrap">
          <table>
            <caption class="hidden">{caption}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th
                    key={column.id}
                    scope="col"
                    class={`${column.className ?? ''} ${column.minor ? 'minor' : ''}`}
                    aria-sort={sort.id === column.id ? (sort.down ? 'descending' : 'ascending') : undefined}
                  >
                    {column.sort ? (
                      <button type="button" class="sort" onClick={() => setSort({ id: column.id, down: sort.id === column.id ? !sort.down : false })}>
                        {column.title}
                        <span aria-hidden="true" class="arrow">
                          {sort.id === column.id ? (sort.down ? '↓' : '↑') : ''}
                        </span>
                      </button>
                    ) : column.title === '' ? (
                      <span class="hidden">Actions</span>
                    ) : (
                      column.title
                    )}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {visible.map((row) => (
                <tr key={rowKey(row)}>
                  {columns.map((column) => (
                    <td key={column.id} class={`${column.className ?? ''} ${column.minor ? 'minor' : ''}`} data-title={column.title}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {pages > 1 && (
        <nav class="pager" aria-label={`Pages of ${caption.toLowerCase()}`}>
          <Button small disabled={current === 0} onPress={() => setPage(current - 1)}>
            Previous
          </Button>
          <span>
            Page {current + 1} of {pages}
          </span>
          <Button small disabled={current >= pages - 1} onPress={() => setPage(current + 1)}>
            Next
          </Button>
        </nav>
      )}
    </div>
  );
}
