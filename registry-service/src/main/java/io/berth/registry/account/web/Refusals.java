package io.berth.registry.account.web;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the administration refuses, in the registry's error format. */
final class Refusals {
    private Refusals() {}

    /** Runs a change; what it says about its arguments becomes a 400. */
    static <T extends @Nullable Object> T translate(Supplier<T> change) {
        try {
            return change.get();
        } catch (IllegalArgumentException e) {
            RegistryException refused =
                    RegistryException.of(400, ErrorCode.UNSUPPORTED, String.valueOf(e.getMessage()));
            refused.initCause(e);
            throw refused;
        }
    }

    static RegistryException unknown(String what) {
        return RegistryException.of(404, ErrorCode.NAME_UNKNOWN, "there is no such " + what);
    }
}
