package io.berth.buildkit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The client has refused, is gone, or has sent what makes no sense. The message is fit for the build's log. */
public class SessionException extends IOException {
    public SessionException(String message) {
        super(message);
    }

    public SessionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
