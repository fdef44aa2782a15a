package io.berth.registryclient;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The part of a blob from some offset to its end as a request's body; counts what has been sent. */
final class BlobBody implements RegistryConnection.Upload {
    private final UploadBody body;
    private final long offset;
    private final long length;
    private final UploadBody.Progress progress;
    private final AtomicLong sent = new AtomicLong();
    private volatile @Nullable IOException ownFailure;

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

    /** What went wrong on our side of the request, if anything did: sending again would not help. */
    Optional<IOException> ownFailure() {
        return Optional.ofNullable(ownFailure);
    }

    private InputStream open() {
        try {
            InputStream in = body.open();
            in.skipNBytes(offset);
            return new Counting(in);
        } catch (IOException e) {
            ownFailure = e;
            throw new UncheckedIOException(e);
        }
    }

    private final class Counting extends FilterInputStream {
        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int start, int wanted) throws IOException {
            try {
                int count = super.read(target, start, wanted);
                progress.sent(sent.addAndGet(Math.max(count, 0)));
                return count;
            } catch (IOException e) {
                ownFailure = e;
                throw e;
            }
        }
    }
}
