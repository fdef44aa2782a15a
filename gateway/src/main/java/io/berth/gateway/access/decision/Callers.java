package io.berth.gateway.access.decision;

import io.berth.gateway.access.AccessMode;
import io.berth.gateway.access.AccessProperties;
import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Call;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.SessionCookie;
import io.berth.gateway.access.account.Credential;
import io.berth.gateway.access.account.Directory;
import io.berth.gateway.route.Backend;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Finds out who a request comes from. Thread-safe; never blocks. */
@Component
class Callers {
    private static final Logger LOG = LoggerFactory.getLogger(Callers.class);
    private static final String TOKEN_PREFIX = "berth_";

    private final Directory directory;
    private final boolean open;

    Callers(Directory directory, AccessProperties properties) {
        this.directory = directory;
        this.open = properties.access() == AccessMode.OPEN;
        if (open) {
            LOG.warn("whoever reaches the port is an operator: berth.gateway.access is open");
        }
    }

    /** Who it comes from. */
    sealed interface Caller {
        /**
         * Somebody.
         *
         * @param authorized whether by the {@code Authorization} header
         */
        record Known(Identity identity, boolean authorized) implements Caller {}

        /** Nobody in particular. */
        record Anonymous() implements Caller {}

        /**
         * Somebody whom the registry may know.
         *
         * @param behind who has the token by which the registry's token was got; null for the registry's own accounts
         */
        record Foreign(@Nullable Identity behind) implements Caller {}

        /** Somebody whose credential is not right. */
        record Wrong() implements Caller {}

        /** A session whose page did not show that it is the dashboard's. */
        record Forged() implements Caller {}
    }

    Caller of(Call call) {
        Arrival arrival = call.arrival();
        boolean registry = call.route().backend() == Backend.REGISTRY;
        if (call.authorization() != null) {
            if (!arrival.tcp() && !registry) {
                return new Caller.Known(Identity.SOCKET, false);
            }
            Caller authorized = authorized(call.authorization(), registry);
            if (!(authorized instanceof Caller.Wrong) || !open) {
                return authorized;
            }
            return new Caller.Known(Identity.OPEN, false);
        }
        if (!arrival.tcp()) {
            return new Caller.Known(Identity.SOCKET, false);
        }
        String session = SessionCookie.find(call.cookie(), arrival.encrypted());
        if (session != null) {
            Optional<Identity> known = directory.bySecret(Credential.Kind.SESSION, session);
            if (known.isPresent()) {
                return call.reads() || shows(call.csrf(), known.get())
                        ? new Caller.Known(known.get(), false)
                        : new Caller.Forged();
            }
        }
        if (arrival.certificateName() != null) {
            return directory
                    .byName(arrival.certificateName(), Identity.Source.CERTIFICATE)
                    .<Caller>map(identity -> new Caller.Known(identity, false))
                    .orElseGet(Caller.Wrong::new);
        }
        return open ? new Caller.Known(Identity.OPEN, false) : new Caller.Anonymous();
    }

    private boolean shows(@Nullable String csrf, Identity session) {
        String expected = directory.csrf(session.credential()).orElse("");
        return csrf != null
                && !expected.isEmpty()
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.US_ASCII), csrf.getBytes(StandardCharsets.UTF_8));
    }

    private Caller authorized(String header, boolean registry) {
        int space = header.indexOf(' ');
        String scheme = space < 0 ? header : header.substring(0, space);
        String value = space < 0 ? "" : header.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Bearer")) {
            if (value.startsWith(TOKEN_PREFIX)) {
                return known(directory.bySecret(Credential.Kind.TOKEN, value));
            }
            return registry ? new Caller.Foreign(RegistryTokens.behind(value, directory)) : new Caller.Wrong();
        }
        if (scheme.equalsIgnoreCase("Basic")) {
            String pair = decoded(value);
            int colon = pair.indexOf(':');
            if (colon >= 0 && pair.startsWith(TOKEN_PREFIX, colon + 1)) {
                String name = pair.substring(0, colon);
                return known(directory
                        .bySecret(Credential.Kind.TOKEN, pair.substring(colon + 1))
                        .filter(identity -> isNamed(identity, name)));
            }
        }
        return registry ? new Caller.Foreign(null) : new Caller.Wrong();
    }

    private static Caller known(Optional<Identity> identity) {
        return identity.<Caller>map(known -> new Caller.Known(known, true)).orElseGet(Caller.Wrong::new);
    }

    /** By the user's name or the token's own. */
    private boolean isNamed(Identity identity, String name) {
        return identity.name().equals(name)
                || directory
                        .credential(identity.credential())
                        .filter(token -> token.name().equals(name))
                        .isPresent();
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
