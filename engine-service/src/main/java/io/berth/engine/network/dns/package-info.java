/**
 * The name server that containers on networks with names have at 127.0.0.11 (moby: libnetwork/resolver.go).
 *
 * <p>{@link io.berth.engine.network.dns.DnsServer} serves every container on one thread. What a container may know is its
 * {@link io.berth.engine.network.dns.DnsView}; what that does not know is forwarded, or refused.
 */
@NullMarked
package io.berth.engine.network.dns;

import org.jspecify.annotations.NullMarked;
