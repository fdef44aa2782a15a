export type StreamName = 'stdout' | 'stderr';

export interface Frame {
  stream: StreamName;
  content: Uint8Array;
}

const HEAD = 8;

/**
 * Splits Docker's multiplexed stream into frames: one byte for the stream (0 stdin, 1 stdout, 2 stderr), three of zero, four
 * for the length, big-endian. Pieces may be cut anywhere; the content of a frame is handed on as it arrives.
 */
export class FrameDecoder {
  private head = new Uint8Array(HEAD);
  private have = 0;
  private left = 0;
  private stream: StreamName = 'stdout';

  push(piece: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < piece.length) {
      if (this.left === 0) {
        const take = Math.min(HEAD - this.have, piece.length - at);
        this.head.set(piece.subarray(at, at + take), this.have);
        this.have += take;
        at += take;
        if (this.have === HEAD) {
          this.have = 0;
          this.begin();
        }
        continue;
      }
      const take = Math.min(this.left, piece.length - at);
      frames.push({ stream: this.stream, content: piece.subarray(at, at + take) });
      this.left -= take;
      at += take;
    }
    return frames;
  }

  private begin(): void {
    const type = this.head[0]!;
    if (type > 3 || this.head[1] !== 0 || this.head[2] !== 0 || this.head[3] !== 0) {
      throw new Error('the stream is not multiplexed');
    }
    this.stream = type === 2 ? 'stderr' : 'stdout';
    this.left = new DataView(this.head.buffer).getUint32(4);
  }
}

export interface Line {
  stream: StreamName;
  text: string;
}

/** Makes lines of the pieces of each stream, which may end within a line or a character. */
export class LineAssembler {
  private readonly parts: Record<StreamName, { decoder: TextDecoder; rest: string }> = {
    stdout: { decoder: new TextDecoder(), rest: '' },
    stderr: { decoder: new TextDecoder(), rest: '' },
  };

  push(stream: StreamName, content: Uint8Array): Line[] {
    const part = this.parts[stream];
    const lines = (part.rest + part.decoder.decode(content, { stream: true })).split('\n');
    part.rest = lines.pop() ?? '';
    return lines.map((text) => ({ stream, text: text.endsWith('\r') ? text.slice(0, -1) : text }));
  }

  /** What was begun and not ended, at the end of the stream. */
  end(): Line[] {
    return (['stdout', 'stderr'] as const)
      .filter((stream) => this.parts[stream].rest !== '')
      .map((stream) => {
        const text = this.parts[stream].rest;
        this.parts[stream].rest = '';
        return { stream, text };
      });
  }
}
