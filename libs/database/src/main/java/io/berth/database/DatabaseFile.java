package io.berth.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of an H2 database. H2 writes versions one behind the other. Of a file whose end is missing it takes the last version that is
 * whole, however old that is, and says nothing: so the last version that was written is noted beside it, in
 * {@code <name>.version}, as {@code <id of the host's boot> <version>}. What the host itself has lost by a power failure is no damage, so a note of
 * an earlier boot counts for nothing. Thread-safe.
 */
final class DatabaseFile {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseFile.class);
    private static final String URL = "jdbc:h2:file:";
    private static final String SUFFIX = ".mv.db";
    /** What H2 is just writing may not be there when the process is killed. */
    private static final int ON_THE_WAY = 2;

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private final Path file;
    private final Path note;
    private final String boot;
    private long noted = -1;

    DatabaseFile(Path file, String boot) {
        this.file = file;
        String name = String.valueOf(file.getFileName());
        this.note = file.resolveSibling(name.substring(0, name.length() - SUFFIX.length()) + ".version");
        this.boot = boot;
    }

    /** The file of a JDBC URL; empty when it is no H2 database's in a file. */
    static Optional<DatabaseFile> of(String url) {
        if (!url.startsWith(URL)) {
            return Optional.empty();
        }
        int end = url.indexOf(';');
        String path = url.substring(URL.length(), end < 0 ? url.length() : end);
        return Optional.of(new DatabaseFile(Path.of(path + SUFFIX), bootId()));
    }

    private static String bootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    Path path() {
        return file;
    }

    /** Whether there is anything in it. */
    boolean isThere() {
        return file.toFile().length() > 0;
    }

    /**
     * Reads the file, and changes nothing.
     *
     * @throws DamagedDatabase when it cannot be read, or ends before what was written last
     */
    void check() {
        if (!isThere()) {
            long last = notedVersion();
            if (last > 0) {
                throw new DamagedDatabase(file, "it is empty or missing, and version " + last + " was written");
            }
            return;
        }
        long version;
        try (MVStore store =
                new MVStore.Builder().fileName(file.toString()).readOnly().open()) {
            version = store.getFileStore().lastChunkVersion();
        } catch (MVStoreException e) {
            if (e.getErrorCode() == DataUtils.ERROR_FILE_LOCKED) {
                return; // another process has it: who opens it says so
            }
            throw new DamagedDatabase(file, "it cannot be read", e);
        }
        long last = notedVersion();
        if (version + ON_THE_WAY < last) {
            throw new DamagedDatabase(
                    file, "its end is missing: it has version " + version + ", and " + last + " was written");
        }
    }

    /** -1 when none is known. */
    private long notedVersion() {
        try {
            String[] words = Files.readString(note).strip().split(" ", 2);
            return words.length == 2 && words[0].equals(boot) ? Long.parseLong(words[1]) : -1;
        } catch (IOException | NumberFormatException e) {
            return -1;
        }
    }

    /** Notes the version that was written last. A note that cannot be written is left as it is: it is older then, and right. */
    synchronized void note(Connection connection) throws SQLException {
        if (!(connection.unwrap(JdbcConnection.class).getSession() instanceof SessionLocal session)) {
            return;
        }
        long version =
                session.getDatabase().getStore().getMvStore().getFileStore().lastChunkVersion();
        if (version == noted) {
            return;
        }
        Path next = note.resolveSibling(note.getFileName() + ".new");
        try {
            Files.writeString(next, boot + " " + version + "\n", StandardCharsets.UTF_8);
            Files.move(next, note, StandardCopyOption.ATOMIC_MOVE);
            noted = version;
        } catch (IOException e) {
            LOG.atDebug().setCause(e).addKeyValue("file", note).log("the database's version is not noted");
        }
    }
}
