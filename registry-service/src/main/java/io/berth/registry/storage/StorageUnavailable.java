package io.berth.registry.storage;

import java.io.IOException;

/** The storage does not answer at present; the same may succeed later. Answered with 503. */
public final class StorageUnavailable extends IOException {
    private static final long serialVersionUID = 1L;

    public StorageUnavailable(String message, Throwable cause) {
        super(message, cause);
    }
}
