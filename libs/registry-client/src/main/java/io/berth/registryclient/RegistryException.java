package io.berth.registryclient;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A registry refused a request or could not be reached. The message is Docker's wording, so it can be shown as it is.
 */
public class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;

    /**
     * @param status HTTP status of the refusal, 0 when there was none
     * @param code the specification's code such as {@code MANIFEST_UNKNOWN}, empty when there was none
     */
    public RegistryException(int status, String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.code = code;
    }

    /** HTTP status of the refusal, 0 when there was none. */
    public int status() {
        return status;
    }

    /** The specification's error code, empty when there was none. */
    public String code() {
        return code;
    }

    /** What the registry holds is not what its digest says; trying again would not help. */
    public static RegistryException corrupt(String message) {
        return new RegistryException(0, "", message, null);
    }

    String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
