package io.berth.engine.log;

import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The beginnings of lines, kept in a file until their ends come, so that an engine that is killed does not lose what a container
 * has written without a newline, such as a prompt. The file exists only when there was such a beginning.
 *
 * <pre>length of standard output's, of standard error's: 4 bytes each, big-endian; then the two</pre>
 */
final class UnfinishedLines {
    private static final int LENGTHS = 2 * Integer.BYTES;

    private final Path file;
    private @Nullable FileChannel channel;
    private boolean written;

    /** Whether the file may be there. */
    private boolean made;

    UnfinishedLines(Path file) {
        this.file = file;
    }

    /** Gives the splitter what an earlier engine kept. */
    void resume(LineSplitter splitter) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        made = true;
        ByteBuffer kept = ByteBuffer.wrap(Files.readAllBytes(file));
        if (kept.remaining() >= LENGTHS) {
            int output = kept.getInt();
            int error = kept.getInt();
            resume(splitter, Stream.STDOUT, kept, output);
            resume(splitter, Stream.STDERR, kept, error);
        }
        written = true;
    }

    private static void resume(LineSplitter splitter, Stream stream, ByteBuffer kept, int length) {
        if (length >= 0 && length <= kept.remaining()) { // else it is nothing that an engine has written
            byte[] beginning = new byte[length];
            kept.get(beginning);
            splitter.resume(stream, beginning);
        }
    }

    /** Keeps what the splitter waits with now. */
    void save(LineSplitter splitter) throws IOException {
        if (!splitter.hasUnfinished() && !written) {
            return;
        }
        byte[] output = splitter.unfinished(Stream.STDOUT);
        byte[] error = splitter.unfinished(Stream.STDERR);
        ByteBuffer all = ByteBuffer.allocate(LENGTHS + output.length + error.length);
        all.putInt(output.length).putInt(error.length).put(output).put(error).flip();
        FileChannel open = channel;
        if (open == null) {
            made = true;
            open = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel = open;
        }
        // One write, which is there as a whole or not at all; what was longer before is left behind it.
        open.write(all, 0);
        written = splitter.hasUnfinished();
    }

    /** Everything has been written to the log. */
    void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
        written = false;
        if (made) {
            Files.deleteIfExists(file);
            made = false;
        }
    }
}
