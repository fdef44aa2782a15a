package io.berth.buildkit.session;

import io.berth.buildkit.rpc.Ids;
import java.util.List;
import java.util.function.Function;

/**
 * A client's offer to be called, as the headers of {@code POST /session} make it (moby/buildkit: session/manager.go).
 *
 * @param id names the session in the client's later calls; checked
 * @param name shown in logs
 * @param sharedKey tells that sessions are of the same directory on the same machine; empty when the client does not say
 */
public record SessionOffer(String id, String name, String sharedKey) {
    private static final int MAX_TEXT = 1024;

    public SessionOffer {
        Ids.check("session", id);
        name = shorten(name);
        sharedKey = shorten(sharedKey);
    }

    /**
     * Reads an offer.
     *
     * @param headers the values of a header; of a name in any case
     * @throws io.berth.docker.error.InvalidParameter when there is no id, or none that is fit
     */
    public static SessionOffer of(Function<String, List<String>> headers) {
        return new SessionOffer(
                first(headers, "X-Docker-Expose-Session-Uuid"),
                first(headers, "X-Docker-Expose-Session-Name"),
                first(headers, "X-Docker-Expose-Session-Sharedkey"));
    }

    private static String first(Function<String, List<String>> headers, String name) {
        List<String> values = headers.apply(name);
        return values.isEmpty() ? "" : values.getFirst();
    }

    private static String shorten(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }
}
