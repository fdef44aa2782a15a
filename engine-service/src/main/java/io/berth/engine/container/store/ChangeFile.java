package io.berth.engine.container.store;

import io.berth.docker.DockerJson;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * A file of changes, mode 0600: one after another, each on a line of its own that begins with the CRC-32 of the rest.
 *
 * <pre>0a1b2c3d {"id": "3f…", …}</pre>
 *
 * <p>What has been appended is the kernel's: it survives a kill of this process. Not thread-safe.
 */
final class ChangeFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeFile.class);
    private static final int CHECKSUM_LENGTH = 8;

    /** What is longer may not fit into the columns of the database, and would keep all others from it. */
    private static final int LONGEST = 1_000_000;

    private static final int LONGEST_NAME = 255;

    private final RandomAccessFile file;

    private ChangeFile(RandomAccessFile file) {
        this.file = file;
    }

    /** Opens a file to append to; it is made when missing. What is no whole line at its end is cut off. */
    static ChangeFile open(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path.toAbsolutePath().getParent());
            Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        // Not a channel, which an interrupt of any caller would close.
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            long whole = wholeLines(Files.readAllBytes(path));
            file.setLength(whole);
            file.seek(whole);
            return new ChangeFile(file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private static int wholeLines(byte[] content) {
        int end = content.length;
        while (end > 0 && content[end - 1] != '\n') {
            end--;
        }
        return end;
    }

    /**
     * Adds a change.
     *
     * @throws IOException when it is too long or could not be written. A part of it may be there then: nothing may follow it
     *     before the file has been opened anew
     */
    void append(Change change) throws IOException {
        byte[] json = DockerJson.MAPPER.writeValueAsBytes(change);
        // Of a container that is changed, specification and state are in columns of their own.
        int longest = change.spec() != null && !change.created() ? 2 * LONGEST : LONGEST;
        if (json.length > longest || (change.name() != null && change.name().length() > LONGEST_NAME)) {
            throw new IOException("too long for the database");
        }
        byte[] line = new byte[CHECKSUM_LENGTH + 1 + json.length + 1];
        byte[] checksum = checksum(json, 0, json.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, line, 0, CHECKSUM_LENGTH);
        line[CHECKSUM_LENGTH] = ' ';
        System.arraycopy(json, 0, line, CHECKSUM_LENGTH + 1, json.length);
        line[line.length - 1] = '\n';
        file.write(line);
    }

    /**
     * What a file says, by container, those changed last at the end; nothing when there is none. A line that was written in part
     * only is left out, and told of unless it is the last: nobody was told that it was written.
     */
    static Map<String, Change> read(Path path) throws IOException {
        Map<String, Change> changes = new LinkedHashMap<>();
        if (!Files.exists(path)) {
            return changes;
        }
        byte[] content = Files.readAllBytes(path);
        int end = wholeLines(content);
        for (int from = 0; from < end; ) {
            int to = from;
            while (content[to] != '\n') {
                to++;
            }
            Change change = parse(content, from, to);
            if (change == null) {
                LOG.atError()
                        .addKeyValue("file", path)
                        .addKeyValue("offset", from)
                        .log("a change of a container cannot be read: it is left out");
            } else {
                put(changes, change);
            }
            from = to + 1;
        }
        return changes;
    }

    private static @Nullable Change parse(byte[] content, int from, int to) {
        int json = from + CHECKSUM_LENGTH + 1;
        if (json >= to
                || !checksum(content, json, to - json)
                        .equals(new String(content, from, CHECKSUM_LENGTH, StandardCharsets.US_ASCII))) {
            return null;
        }
        try {
            return DockerJson.MAPPER.readValue(content, json, to - json, Change.class);
        } catch (JacksonException e) {
            return null;
        }
    }

    /** Adds a change to what has become of its container before. */
    static void put(Map<String, Change> changes, Change change) {
        Change before = changes.remove(change.id());
        changes.put(change.id(), before == null ? change : before.then(change));
    }

    private static String checksum(byte[] content, int from, int length) {
        CRC32 checksum = new CRC32();
        checksum.update(content, from, length);
        String hex = Long.toHexString(checksum.getValue());
        return "0".repeat(CHECKSUM_LENGTH - hex.length()) + hex;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
