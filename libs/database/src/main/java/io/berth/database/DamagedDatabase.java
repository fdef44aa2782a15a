package io.berth.database;

import java.nio.file.Path;

/** A database's file is not what was written: the service does not start, so that it does not go on with a part of its data. */
public final class DamagedDatabase extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamagedDatabase(Path file, String why, Throwable cause) {
        super(message(file, why), cause);
    }

    DamagedDatabase(Path file, String why) {
        super(message(file, why));
    }

    private static String message(Path file, String why) {
        return "the database " + file + " is damaged (" + why
                + "): restore it from a backup, as docs/OPERATING.md says under \"A damaged database\"";
    }
}
