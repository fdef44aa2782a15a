package io.berth.engine.log;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;

/**
 * One of a log's files, open: it can be read to its end also after it was rotated or deleted. Compressed ones are unpacked, to a
 * file that nobody else sees, when they are first read. Used by one thread.
 */
final class OpenFile implements AutoCloseable {
    private final long generation;
    private final Path directory;
    private final boolean compressed;
    private FileChannel channel;
    private boolean unpacked;

    /**
     * @param generation which of the files that there ever were
     * @param directory where to unpack it
     */
    OpenFile(long generation, FileChannel channel, boolean compressed, Path directory) {
        this.generation = generation;
        this.channel = channel;
        this.compressed = compressed;
        this.directory = directory;
    }

    long generation() {
        return generation;
    }

    /** Its lines. */
    FileChannel channel() throws IOException {
        if (compressed && !unpacked) {
            FileChannel lines = unpack(channel, directory);
            channel.close();
            channel = lines;
            unpacked = true;
        }
        return channel;
    }

    private static FileChannel unpack(FileChannel packed, Path directory) throws IOException {
        Path file = Files.createTempFile(directory, "unpacked-", ".tmp");
        FileChannel lines = FileChannel.open(
                file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            InputStream in = new GZIPInputStream(new BufferedInputStream(Channels.newInputStream(packed)));
            in.transferTo(Channels.newOutputStream(lines));
            return lines.position(0);
        } catch (IOException e) {
            lines.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
