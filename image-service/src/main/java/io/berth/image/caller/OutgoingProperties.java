package io.berth.image.caller;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where commands of developers may lead.
 *
 * @param allowed beside public addresses: ranges such as {@code 10.1.0.0/16}, and hosts as builds and references name them, {@code
 *     host} or {@code host:port}, wherever their names lead
 */
@ConfigurationProperties("berth.image.outgoing")
record OutgoingProperties(@DefaultValue List<String> allowed) {
    OutgoingProperties {
        allowed = List.copyOf(allowed);
    }
}
