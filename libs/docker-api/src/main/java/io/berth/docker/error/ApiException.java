package io.berth.docker.error;

import org.jspecify.annotations.Nullable;

/**
 * An error that a client is told about. The kind (the direct subclass) decides the status; features subclass a kind
 * where the message has a fixed shape. Messages are Docker's where clients parse them: lower case, no full stop, naming
 * the subject.
 */
public abstract sealed class ApiException extends RuntimeException
        permits InvalidParameter,
                Unauthorized,
                Forbidden,
                NotFound,
                Conflict,
                NotModified,
                NotImplemented,
                Unavailable,
                SystemFailure {
    private static final long serialVersionUID = 1L;

    private final String text;

    ApiException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.text = message;
    }

    /** The text for the client. */
    public String text() {
        return text;
    }

    /** The HTTP status of this error's kind (moby: daemon/server/httpstatus/status.go). */
    public int status() {
        return switch (this) {
            case InvalidParameter _ -> 400;
            case Unauthorized _ -> 401;
            case Forbidden _ -> 403;
            case NotFound _ -> 404;
            case Conflict _ -> 409;
            case NotModified _ -> 304;
            case NotImplemented _ -> 501;
            case Unavailable _ -> 503;
            case SystemFailure _ -> 500;
        };
    }
}
