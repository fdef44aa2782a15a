package io.berth.buildkit.transfer;

import io.berth.buildkit.wire.WireProto.Packet;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.fd.OpenFlag;
import io.berth.linux.fd.Resolution;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A queue of files that are to be asked for. A client tells of all its files before most are asked for, so that what does not
 * fit into a small memory waits in a file that has no name.
 *
 * <p>For one thread.
 */
final class WantedFiles implements AutoCloseable {
    private static final int IN_MEMORY = 4096;
    private static final String FILE = "wanted";

    private final Directory directory;
    private final Queue<Packet> head = new ArrayDeque<>();
    private @Nullable OutputStream spool;
    private @Nullable InputStream spooled;
    private long inSpool;

    /** @param directory where the file is made, when one is needed */
    WantedFiles(Directory directory) {
        this.directory = directory;
    }

    boolean isEmpty() {
        return head.isEmpty() && inSpool == 0;
    }

    /** Adds what the client said of a file, with its number. */
    void add(Packet wanted) throws IOException {
        if (inSpool == 0 && head.size() < IN_MEMORY) {
            head.add(wanted);
            return;
        }
        if (spool == null) {
            open();
        }
        wanted.writeDelimitedTo(spool);
        inSpool++;
    }

    /** Takes the first one; there must be one. */
    Packet take() throws IOException {
        if (head.isEmpty() && spool != null && spooled != null) {
            spool.flush();
            while (inSpool > 0 && head.size() < IN_MEMORY) {
                head.add(Packet.parseDelimitedFrom(spooled));
                inSpool--;
            }
        }
        return head.remove();
    }

    private void open() {
        FileHandle writing = directory.createFile(FILE, 0_600);
        spool = new BufferedOutputStream(writing.outputStream(), 64 * 1024);
        FileHandle reading = directory.open(FILE, Set.of(OpenFlag.READ), 0, Resolution.BENEATH_NO_SYMLINKS);
        spooled = new BufferedInputStream(reading.inputStream(), 64 * 1024);
        directory.unlink(FILE);
    }

    @Override
    public void close() throws IOException {
        if (spooled != null) {
            spooled.close();
        }
        if (spool != null) {
            spool.close();
        }
    }
}
