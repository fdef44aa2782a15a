package io.berth.image.transfer.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.util.concurrent.atomic.AtomicLong;

/** The part of a blob from some offset to its end as a request's body; counts what has been sent. */
final class BlobBody implements RegistryConnection.Upload {
    private final UploadBody body;
    private final long offset;
    private final long length;
    private final UploadBody.Progress progress;
    private final AtomicLong sent = new AtomicLong();

    /** @param length of the whole blob, in bytes */
    BlobBody(UploadBody body, long offset, long length, UploadBody.Progress progress) {
        this.body = body;
        this.offset = offset;
        this.length = length;
        this.progress = progress;
    }

    @Override
    public HttpRequest.BodyPublisher publisher() {
        sent.set(offset);
        return HttpRequest.BodyPublishers.fromPublisher(
                HttpRequest.BodyPublishers.ofInputStream(this::open), length - offset);
    }

    @Override
    public long sent() {
        return sent.get();
    }

    private InputStream open() {
        try {
            InputStream in = body.open();
            in.skipNBytes(offset);
            return new Counting(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Counting extends FilterInputStream {
        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            count(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] target, int start, int wanted) throws IOException {
            int count = super.read(target, start, wanted);
            count(Math.max(count, 0));
            return count;
        }

        private void count(int bytes) {
            progress.sent(sent.addAndGet(bytes));
        }
    }
}
