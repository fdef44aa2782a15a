/** A piece of text with the classes of how it is shown: ansi-fg-1, ansi-bg-12, ansi-bold and so on. */
export interface Span {
  text: string;
  className: string;
}

interface Style {
  fg: number | null;
  bg: number | null;
  flags: Set<string>;
}

// All control sequences (ECMA-48): CSI …, OSC … BEL or ST, and two-byte escapes; only SGR, CSI … m, is shown.
const ESCAPE = /\u001b\[([0-9;:<=>?]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const FLAGS: Record<number, string> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse', 9: 'strike' };
const OFF: Record<number, string[]> = { 22: ['bold', 'dim'], 23: ['italic'], 24: ['underline'], 27: ['inverse'], 29: ['strike'] };

/** Splits a line with escape sequences into spans. Colours are the 16 of a terminal; others become the nearest of them. */
export function spans(line: string): Span[] {
  if (!line.includes('\u001b')) {
    return [{ text: clean(line), className: '' }];
  }
  const result: Span[] = [];
  const style: Style = { fg: null, bg: null, flags: new Set() };
  let from = 0;
  const emit = (text: string) => {
    if (text !== '') result.push({ text: clean(text), className: classOf(style) });
  };
  for (const match of line.matchAll(ESCAPE)) {
    emit(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === 'm') {
      apply(style, match[1] ?? '');
    }
  }
  emit(line.slice(from));
  return result;
}

/** The text alone, for search. */
export function plain(line: string): string {
  return clean(line.replace(ESCAPE, ''));
}

function clean(text: string): string {
  return text.replace(CONTROL, '');
}

function apply(style: Style, parameters: string): void {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 0) {
      style.fg = style.bg = null;
      style.flags.clear();
    } else if (code in FLAGS) {
      style.flags.add(FLAGS[code]!);
    } else if (code in OFF) {
      OFF[code]!.forEach((flag) => style.flags.delete(flag));
    } else if (code >= 30 && code <= 37) {
      style.fg = code - 30;
    } else if (code >= 90 && code <= 97) {
      style.fg = code - 82;
    } else if (code >= 40 && code <= 47) {
      style.bg = code - 40;
    } else if (code >= 100 && code <= 107) {
      style.bg = code - 92;
    } else if (code === 39) {
      style.fg = null;
    } else if (code === 49) {
      style.bg = null;
    } else if (code === 38 || code === 48) {
      const key = code === 38 ? 'fg' : 'bg';
      if (codes[i + 1] === 5) {
        style[key] = ofPalette(codes[i + 2] ?? 0);
        i += 2;
      } else if (codes[i + 1] === 2) {
        style[key] = nearest(codes[i + 2] ?? 0, codes[i + 3] ?? 0, codes[i + 4] ?? 0);
        i += 4;
      }
    }
  }
}

function ofPalette(index: number): number {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearest(grey, grey, grey);
  }
  const level = (n: number) => (n === 0 ? 0 : 55 + n * 40);
  const cube = index - 16;
  return nearest(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function nearest(red: number, green: number, blue: number): number {
  const bright = Math.max(red, green, blue);
  if (bright < 48) return 0;
  const bits = (red > bright / 2 ? 1 : 0) | (green > bright / 2 ? 2 : 0) | (blue > bright / 2 ? 4 : 0);
  return bits === 7 ? (bright > 200 ? 15 : bright > 120 ? 7 : 8) : bits + (bright > 190 ? 8 : 0);
}

function classOf(style: Style): string {
  const classes = [...style.flags].map((flag) => `ansi-${flag}`);
  if (style.fg !== null) classes.push(`ansi-fg-${style.fg}`);
  if (style.bg !== null) classes.push(`ansi-bg-${style.bg}`);
  return classes.join(' ');
}
