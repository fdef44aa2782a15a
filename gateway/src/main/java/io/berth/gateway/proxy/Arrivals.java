package io.berth.gateway.proxy;

import io.berth.gateway.access.Arrival;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Objects;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Tells by which way a client's connection came. */
final class Arrivals {
    private Arrivals() {}

    /** Reads a channel whose handshake, if it needs one, is complete. Clients of the Unix socket are on this machine. */
    static Arrival of(Channel channel, boolean tcp) {
        String address = channel.remoteAddress() instanceof InetSocketAddress remote && remote.getAddress() != null
                ? remote.getAddress().getHostAddress()
                : "127.0.0.1";
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return new Arrival(tcp, tls != null, address, tls == null ? null : certificateName(tls));
    }

    private static @Nullable String certificateName(SslHandler tls) {
        try {
            Certificate[] chain = tls.engine().getSession().getPeerCertificates();
            return chain[0] instanceof X509Certificate own ? commonName(own) : null;
        } catch (SSLPeerUnverifiedException e) {
            return null; // it has shown none
        }
    }

    /** The only common name of a certificate's subject; null when it has none or several. */
    private static @Nullable String commonName(X509Certificate certificate) {
        try {
            String found = null;
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    if (found != null) {
                        return null;
                    }
                    found = Objects.toString(part.getValue(), null);
                }
            }
            return found;
        } catch (InvalidNameException e) {
            return null;
        }
    }
}
