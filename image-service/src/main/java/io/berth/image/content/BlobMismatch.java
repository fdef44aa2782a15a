package io.berth.image.content;

import io.berth.docker.error.SystemFailure;

/** Received bytes are not those that a digest or size promised. Nothing of them is kept. */
public final class BlobMismatch extends SystemFailure {
    private static final long serialVersionUID = 1L;

    public BlobMismatch(String message) {
        super(message);
    }
}
