package io.berth.engine.network.kernel;

import jakarta.validation.constraints.NotNull;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The engine's own rules in the kernel's packet filter.
 *
 * @param table name of the engine's nftables tables; two engines in one network namespace need two
 */
@Validated
@ConfigurationProperties("berth.engine.network")
record FirewallProperties(@NotNull @DefaultValue("berth") String table) {
    FirewallProperties {
        if (!table.matches("[a-zA-Z][a-zA-Z0-9_-]{0,63}")) {
            throw new IllegalArgumentException("berth.engine.network.table: \"" + table + "\" is no name of a table");
        }
    }
}
