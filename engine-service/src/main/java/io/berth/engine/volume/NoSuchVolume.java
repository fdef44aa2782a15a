package io.berth.engine.volume;

import io.berth.docker.error.NotFound;

/** No volume has this name. */
public final class NoSuchVolume extends NotFound {
    private static final long serialVersionUID = 1L;

    NoSuchVolume(String name) {
        super("get " + name + ": no such volume");
    }
}
