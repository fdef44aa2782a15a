package io.berth.registryclient;

import io.berth.outgoing.Destinations;
import org.jspecify.annotations.Nullable;

/** Which addresses registries may be at, and may send us to, by who has commanded it. Implementations are thread-safe. */
@FunctionalInterface
public interface Reach {
    /** @param onBehalfOf who commands the platform, as its gateway says; null for an operator */
    Destinations of(@Nullable String onBehalfOf);
}
