package io.berth.gateway.route;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ErrorBody;
import java.util.List;
import java.util.Map;

/** How an error of the gateway itself is written, so that each kind of client can read it. */
public enum ErrorShape {
    /** {@code {"message":"page not found"}} (Engine API). */
    DOCKER,
    /** {@code {"errors":[{"code":"UNAVAILABLE","message":"…"}]}} (OCI distribution spec, «Error Codes»). */
    REGISTRY;

    /** The JSON body, UTF-8. */
    public byte[] body(int status, String message) {
        return switch (this) {
            case DOCKER -> DockerJson.MAPPER.writeValueAsBytes(new ErrorBody(message));
            case REGISTRY ->
                DockerJson.MAPPER.writeValueAsBytes(
                        Map.of("errors", List.of(Map.of("code", registryCode(status), "message", message))));
        };
    }

    // UNAVAILABLE is not among the spec's codes; it is what distribution's own registry answers with a 503.
    private static String registryCode(int status) {
        return switch (status) {
            case 401 -> "UNAUTHORIZED";
            case 403 -> "DENIED";
            case 404 -> "NAME_UNKNOWN";
            case 429 -> "TOOMANYREQUESTS";
            case 400 -> "NAME_INVALID";
            case 405, 501, 505 -> "UNSUPPORTED";
            default -> "UNAVAILABLE";
        };
    }
}
