const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as Docker writes them, in powers of 1000 with three digits: 12.3 MB. */
export function bytes(count: number | undefined | null): string {
  if (count === undefined || count === null || !Number.isFinite(count) || count < 0) {
    return '–';
  }
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** A share of one processor is 100 %. */
export function percent(value: number | undefined | null): string {
  if (value === undefined || value === null || !Number.isFinite(value)) {
    return '–';
  }
  return `${value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} %`;
}

/** How long ago, or how long, in its largest unit: 3 min. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 48 * 3600) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} days`;
}

export function ago(time: number | string | Date | undefined | null, now = Date.now()): string {
  const at = instant(time);
  if (at === null) return 'never';
  const seconds = (now - at.getTime()) / 1000;
  return seconds < 3 ? 'just now' : `${duration(seconds)} ago`;
}

/** Docker writes "never" as the year 1; whole numbers are seconds. */
export function instant(time: number | string | Date | undefined | null): Date | null {
  if (time === undefined || time === null || time === '' || time === 0) return null;
  const at = time instanceof Date ? time : new Date(typeof time === 'number' ? time * 1000 : time);
  return Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1971 ? null : at;
}

export function dateTime(time: number | string | Date | undefined | null): string {
  const at = instant(time);
  return at === null ? '–' : at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

export function clock(time: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** An ISO 8601 duration of Java's, PT1H2M3.5S, in seconds. */
export function isoSeconds(text: string | number | undefined): number {
  if (typeof text === 'number') return text;
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text ?? '');
  return parts ? Number(parts[1] ?? 0) * 3600 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0) : 0;
}
