import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, spans } from '../src/lib/ansi';

const shown = (line: string) => spans(line).map((span) => [span.text, span.className]);

test('colours begin and end', () => {
  assert.deepEqual(shown('a\u001b[1;31mred\u001b[0m b'), [
    ['a', ''],
    ['red', 'ansi-bold ansi-fg-1'],
    [' b', ''],
  ]);
  assert.deepEqual(shown('\u001b[38;5;196mx\u001b[39;44my\u001b[m'), [
    ['x', 'ansi-fg-9'],
    ['y', 'ansi-bg-4'],
  ]);
  assert.deepEqual(shown('\u001b[38;2;0;0;255mx'), [['x', 'ansi-fg-12']]);
});

test('other sequences leave nothing behind', () => {
  assert.equal(plain('\u001b[2K\u001b[1Gdone\u001b]0;title\u0007!\u001b(B\u0000\u0008'), 'done!');
  assert.equal(plain('\u001b]8;;https://example.com\u001b\\link\u001b]8;;\u001b\\'), 'link');
});

test('markup is text', () => {
  assert.deepEqual(shown('\u001b[31m<img src=x onerror=alert(1)>'), [['<img src=x onerror=alert(1)>', 'ansi-fg-1']]);
});

test('a class name has only what was meant', () => {
  for (const span of spans('\u001b[38;5;1 onx"mx\u001b[999;38;5;99999my')) {
    assert.match(span.className, /^(ansi-[a-z]+(-\d+)?( |$))*$/);
  }
});
