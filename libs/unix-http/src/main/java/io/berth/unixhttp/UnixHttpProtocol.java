package io.berth.unixhttp;

import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.upgrade.UpgradeGroupInfo;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/1.1 without its statistics of connections that were taken over. They would keep something of each such
 * connection for ever: {@code UpgradeProcessorExternal} enters it when it is made, and its {@code close()} does not find it
 * (Tomcat 11.0.22).
 *
 * <p>Public because Tomcat makes it by its name.
 */
public final class UnixHttpProtocol extends Http11NioProtocol {
    /** Made by Tomcat. */
    public UnixHttpProtocol() {}

    @Override
    public @Nullable UpgradeGroupInfo getUpgradeGroupInfo(@Nullable String upgradeProtocol) {
        return null;
    }
}
