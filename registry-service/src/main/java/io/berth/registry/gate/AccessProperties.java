package io.berth.registry.gate;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may use the registry.
 *
 * @param access {@code private}: what a policy grants; {@code open}: everybody everything
 */
@ConfigurationProperties("berth.registry")
record AccessProperties(@DefaultValue("private") AccessMode access) {}
