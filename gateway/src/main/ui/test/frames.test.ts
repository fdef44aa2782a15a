import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameDecoder, LineAssembler } from '../src/lib/frames';

const frame = (type: number, text: string) => {
  const content = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + content.length);
  bytes[0] = type;
  new DataView(bytes.buffer).setUint32(4, content.length);
  bytes.set(content, 8);
  return bytes;
};

test('frames cut anywhere give the same lines', () => {
  const whole = new Uint8Array([...frame(1, 'one\ntwö\nth'), ...frame(2, 'error\n'), ...frame(1, ''), ...frame(1, 'ree\r\nrest')]);
  for (let size = 1; size <= whole.length; size++) {
    const decoder = new FrameDecoder();
    const lines = new LineAssembler();
    const found: string[] = [];
    for (let at = 0; at < whole.length; at += size) {
      for (const each of decoder.push(whole.slice(at, at + size))) {
        found.push(...lines.push(each.stream, each.content).map((line) => `${line.stream} ${line.text}`));
      }
    }
    found.push(...lines.end().map((line) => `${line.stream} ${line.text}`));
    assert.deepEqual(found, ['stdout one', 'stdout twö', 'stderr error', 'stdout three', 'stdout rest'], `pieces of ${size}`);
  }
});

test('what is not multiplexed is refused instead of shown as rubbish', () => {
  assert.throws(() => new FrameDecoder().push(new TextEncoder().encode('plain text')), /not multiplexed/);
});
