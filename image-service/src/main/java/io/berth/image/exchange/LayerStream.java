package io.berth.image.exchange;

import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.Resolution;
import java.io.BufferedOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An overlay's upper directory as the archive of a layer, written by a thread of its own while it is read. When that fails,
 * reading fails too: nothing that is cut off looks complete.
 */
final class LayerStream extends FilterInputStream {
    private static final int BUFFER = 64 * 1024;

    private volatile @Nullable IOException failure;

    private LayerStream(PipedInputStream in) {
        super(in);
    }

    static LayerStream of(Path upper) throws IOException {
        PipedInputStream in = new PipedInputStream(BUFFER);
        LayerStream stream = new LayerStream(in);
        PipedOutputStream out = new PipedOutputStream(in);
        Thread.ofPlatform().daemon().name("layer-archive").start(() -> stream.write(upper, out));
        return stream;
    }

    private void write(Path upper, OutputStream pipe) {
        try (pipe;
                OutputStream out = new BufferedOutputStream(pipe, BUFFER);
                Directory directory = Directory.open(upper, Resolution.BENEATH_NO_SYMLINKS)) {
            try {
                TarWriter tar = new TarWriter(out);
                TreeArchiver.ofLayer(tar).addContents(directory, "");
                tar.close();
            } catch (IOException | SyscallException e) {
                // Before the pipe is closed, which ends the reader's wait.
                failure = new IOException("cannot read the container's files: " + e.getMessage(), e);
            }
        } catch (IOException | SyscallException e) {
            if (failure == null) {
                failure = new IOException("cannot read the container's files: " + e.getMessage(), e);
            }
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        IOException failed = failure;
        if (count < 0 && failed != null) {
            throw new IOException(failed.getMessage(), failed);
        }
        return count;
    }
}
