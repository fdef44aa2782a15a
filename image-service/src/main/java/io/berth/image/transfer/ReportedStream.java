package io.berth.image.transfer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A layer on its way from a registry, whose bytes are reported as they are read. Unpacking keeps pace with reading. */
final class ReportedStream extends FilterInputStream {
    private final String id;
    private final long total;
    private final TransferProgress progress;
    private final TransferProgress.Meter meter;
    private long count;

    /** @param offset bytes that are here already and do not come from the stream */
    ReportedStream(InputStream in, String id, long offset, long total, TransferProgress progress) {
        super(in);
        this.id = id;
        this.count = offset;
        this.total = total;
        this.progress = progress;
        this.meter = progress.meter(id, "Downloading", total);
    }

    @Override
    public int read() throws IOException {
        int one = super.read();
        count(one < 0 ? 0 : 1);
        return one;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = super.read(target, offset, length);
        count(read);
        return read;
    }

    private void count(int bytes) throws IOException {
        if (bytes <= 0) {
            return;
        }
        count += bytes;
        meter.at(count);
        if (count == total) {
            progress.layer(id, "Verifying Checksum");
            progress.layer(id, "Download complete");
            progress.layer(id, "Extracting", total, total);
        }
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
