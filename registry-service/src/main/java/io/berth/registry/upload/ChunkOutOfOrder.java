package io.berth.registry.upload;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryError;
import io.berth.registry.error.RegistryException;
import java.util.List;

/** A chunk that does not begin where the upload ends: 416, with the upload's true state. */
public final class ChunkOutOfOrder extends RegistryException {
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final long offset;

    ChunkOutOfOrder(long first, long offset) {
        super(
                RANGE_NOT_SATISFIABLE,
                List.of(RegistryError.of(
                        ErrorCode.BLOB_UPLOAD_INVALID,
                        "chunk begins at byte " + first + ", the upload ends before byte " + offset)));
        this.offset = offset;
    }

    /** Where the next chunk must begin. */
    public long offset() {
        return offset;
    }
}
