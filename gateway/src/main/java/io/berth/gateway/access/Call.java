package io.berth.gateway.access;

import io.berth.gateway.route.RequestTarget;
import io.berth.gateway.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * A request as the gate sees it.
 *
 * @param method in capitals
 * @param target the form that is routed on and forwarded
 * @param authorization the only header of the name, or null
 * @param cookie all cookies of the request, or null
 * @param csrf what a page of the dashboard shows with a change, or null
 */
public record Call(
        Arrival arrival,
        String method,
        RequestTarget target,
        Route route,
        @Nullable String authorization,
        @Nullable String cookie,
        @Nullable String csrf) {
    /** Whether something is to be shown. */
    public boolean looks() {
        return method.equals("GET") || method.equals("HEAD");
    }

    /** Whether it changes nothing. */
    public boolean reads() {
        return reads(method);
    }

    /** Whether a method changes nothing (RFC 9110, 9.2.1). */
    public static boolean reads(String method) {
        return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
    }

    @Override
    public String toString() {
        return "Call[" + method + " " + target.path() + "]";
    }
}
