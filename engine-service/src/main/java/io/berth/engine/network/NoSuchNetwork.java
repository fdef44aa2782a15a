package io.berth.engine.network;

import io.berth.docker.error.NotFound;
import java.io.Serial;

/** There is no such network; clients look for these words. */
public final class NoSuchNetwork extends NotFound {
    @Serial
    private static final long serialVersionUID = 1;

    public NoSuchNetwork(String reference) {
        super("network " + reference + " not found");
    }
}
