package io.berth.registry.account;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How often passwords may be wrong.
 *
 * @param failures of one account from one address within the window
 * @param failuresPerAddress of all accounts from one address within the window
 * @param window from the first failure to when they are forgotten
 */
@ConfigurationProperties("berth.registry.login")
record LoginProperties(
        @DefaultValue("10") int failures,
        @DefaultValue("100") int failuresPerAddress,
        @DefaultValue("5m") Duration window) {
    LoginProperties {
        if (failures < 1 || failuresPerAddress < failures || !window.isPositive()) {
            throw new IllegalArgumentException("berth.registry.login: failures is at least 1, failures-per-address not"
                    + " less than failures, window greater than 0");
        }
    }
}
