package io.berth.gateway.access;

import jakarta.validation.constraints.NotNull;
import java.nio.file.Path;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Who may use the platform.
 *
 * @param access {@code private}: TCP clients need a credential; {@code open}: they are operators without one
 * @param dataDir directory of the default database of users, tokens and the audit log; made with mode 0700
 * @param sessionLife after which a login of the dashboard ends
 */
@Validated
@ConfigurationProperties("berth.gateway")
public record AccessProperties(
        @DefaultValue("private") @NotNull AccessMode access,
        @DefaultValue("/var/lib/berth/gateway") @NotNull Path dataDir,

        @DefaultValue("12h") @NotNull @DurationMin(minutes = 1)
        Duration sessionLife) {}
