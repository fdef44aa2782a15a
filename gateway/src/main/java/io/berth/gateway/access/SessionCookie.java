package io.berth.gateway.access;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The cookie of the dashboard's sessions: {@code __Host-berth_session} over TLS, which no other host and no page without TLS can
 * set, and {@code berth_session} without.
 */
public final class SessionCookie {
    private static final String PLAIN = "berth_session";
    private static final String SECURE = "__Host-berth_session";

    private SessionCookie() {}

    /** The session's secret in a {@code Cookie} header, or null. A second cookie of the name makes both worthless. */
    public static @Nullable String find(@Nullable String header, boolean encrypted) {
        if (header == null) {
            return null;
        }
        String name = (encrypted ? SECURE : PLAIN) + "=";
        String found = null;
        for (String cookie : header.split(";", -1)) {
            String stripped = cookie.strip();
            if (stripped.startsWith(name)) {
                if (found != null) {
                    return null;
                }
                found = stripped.substring(name.length());
            }
        }
        return found;
    }

    /** The {@code Set-Cookie} header that begins a session. */
    public static String set(String secret, boolean encrypted, Duration life) {
        return (encrypted ? SECURE : PLAIN) + "=" + secret + attributes(encrypted, life.toSeconds());
    }

    /** The {@code Set-Cookie} header that ends one. */
    public static String clear(boolean encrypted) {
        return (encrypted ? SECURE : PLAIN) + "=" + attributes(encrypted, 0);
    }

    private static String attributes(boolean encrypted, long seconds) {
        return "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + seconds + (encrypted ? "; Secure" : "");
    }
}
