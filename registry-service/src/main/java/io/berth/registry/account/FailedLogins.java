package io.berth.registry.account;

import io.berth.login.LoginThrottle;
import io.berth.login.LoginThrottle.Subject;
import io.berth.login.TooManyFailures;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;

/**
 * Counts passwords that were wrong, by account and client address and by address alone, and refuses to look at more when they were
 * too many. Thread-safe.
 */
@Component
class FailedLogins {
    private final LoginProperties properties;
    private final LoginThrottle throttle;

    FailedLogins(LoginProperties properties) {
        this.properties = properties;
        this.throttle = new LoginThrottle(properties.window());
    }

    /** @throws TooManyLogins when no password is looked at now, not even the right one: that would tell it from wrong ones */
    void require(String name, String address) {
        try {
            throttle.require(subjects(name, address));
        } catch (TooManyFailures e) {
            throw new TooManyLogins(e);
        }
    }

    private List<Subject> subjects(String name, String address) {
        return List.of(
                new Subject("account " + address + ' ' + name, properties.failures(), true),
                new Subject("address " + address, properties.failuresPerAddress(), false));
    }

    /**
     * Looks at a password, unless too many were wrong.
     *
     * @param look whether it is right
     * @throws TooManyLogins when it is not looked at
     */
    boolean attempt(String name, String address, BooleanSupplier look) {
        try {
            return throttle.attempt(
                            subjects(name, address), () -> Optional.of(name).filter(_ -> look.getAsBoolean()))
                    .isPresent();
        } catch (TooManyFailures e) {
            throw new TooManyLogins(e);
        }
    }
}
