package io.berth.registry.account;

import io.berth.login.TooManyFailures;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryError;
import io.berth.registry.error.RegistryException;
import java.util.List;

/** Passwords were wrong too often; even the right one is not looked at for a while, so that it cannot be told from a wrong one. */
public final class TooManyLogins extends RegistryException {
    private static final int TOO_MANY_REQUESTS = 429;

    private final String retryAfterSeconds;

    TooManyLogins(TooManyFailures cause) {
        super(
                TOO_MANY_REQUESTS,
                List.of(RegistryError.of(ErrorCode.TOOMANYREQUESTS, "too many failed logins, try again later")));
        this.retryAfterSeconds = cause.retryAfterSeconds();
    }

    /** When it may be tried again, in seconds from now, for the header of this name. */
    public String retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
