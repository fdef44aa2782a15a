package io.berth.image.store;

import io.berth.docker.error.NotFound;

/** {@code No such image: busybox:latest}, in exactly Docker's words, which clients parse. */
public final class NoSuchImage extends NotFound {
    private static final long serialVersionUID = 1L;

    public NoSuchImage(String reference) {
        super("No such image: " + reference);
    }
}
