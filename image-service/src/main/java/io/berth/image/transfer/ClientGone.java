package io.berth.image.transfer;

import java.io.IOException;

/** Whoever asked for a transfer no longer listens, so it ends. There is nobody to tell. */
public final class ClientGone extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGone(IOException cause) {
        super("client went away", cause);
    }
}
