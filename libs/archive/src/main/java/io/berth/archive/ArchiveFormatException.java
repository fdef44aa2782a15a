package io.berth.archive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An archive or its compression is malformed, truncated, or uses what is not supported. */
public final class ArchiveFormatException extends IOException {
    private static final long serialVersionUID = 1L;

    public ArchiveFormatException(String message) {
        super(message);
    }

    public ArchiveFormatException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
