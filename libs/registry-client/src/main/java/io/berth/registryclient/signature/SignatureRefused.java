package io.berth.registryclient.signature;

import io.berth.registryclient.RegistryException;
import org.jspecify.annotations.Nullable;

/** An image has no signature that its policy asks for. */
public final class SignatureRefused extends RegistryException {
    private static final long serialVersionUID = 1L;

    SignatureRefused(String message, @Nullable Throwable cause) {
        super(0, "", message, cause);
    }
}
