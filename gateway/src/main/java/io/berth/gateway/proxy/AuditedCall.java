package io.berth.gateway.proxy;

import io.berth.gateway.access.Arrival;
import io.berth.gateway.access.Identity;
import io.berth.gateway.audit.Audit;
import io.berth.gateway.audit.AuditEntry;
import io.berth.gateway.route.RequestTarget;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that is to change something, from its head to its end. Confined to its event loop. */
final class AuditedCall {
    /** Parameters that say what it was about, and are no secrets: build arguments and labels are not among them. */
    private static final Set<String> TELLING = Set.of(
            "name", "t", "repo", "tag", "fromImage", "container", "force", "v", "signal", "digest", "mount", "from");

    private final Audit log;
    private final Arrival arrival;
    private final String method;
    private final RequestTarget target;
    private final Instant time = Instant.now();
    private final long startNanos = System.nanoTime();
    private @Nullable Identity caller;
    private String request = "";
    private int status;

    AuditedCall(Audit log, Arrival arrival, String method, RequestTarget target) {
        this.log = log;
        this.arrival = arrival;
        this.method = method;
        this.target = target;
    }

    /** It is known who calls. */
    void caller(Identity identity, String requestId) {
        caller = identity;
        request = requestId;
    }

    void status(int code) {
        status = code;
    }

    /** It has been answered, taken over or given up. */
    void ended() {
        Identity who = caller;
        log.record(new AuditEntry(
                0,
                time,
                who == null ? "" : who.name(),
                who == null ? "" : who.role().id(),
                arrival.tcp() ? arrival.address() : "unix",
                who == null ? "" : who.source().id(),
                method,
                target.path(),
                detail(),
                status,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                request));
    }

    private String detail() {
        String query = target.query();
        if (query == null) {
            return "";
        }
        StringJoiner told = new StringJoiner(" ");
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && TELLING.contains(pair.substring(0, equals))) {
                told.add(pair.substring(0, equals) + '=' + decoded(pair.substring(equals + 1)));
            }
        }
        return told.toString();
    }

    /** An address may have a password in it. */
    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8).replaceAll("//[^/@]*@", "//***@");
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
