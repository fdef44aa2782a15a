package io.berth.registryclient;

import io.berth.json.Bounds;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Turns a registry's error responses into exceptions with Docker's wording (distribution: registry/client/errors.go and
 * registry/api/errcode).
 */
final class RegistryErrors {
    private static final JsonMapper JSON = Bounds.CONTENT.mapper().build();
    private static final String UNAUTHORIZED = "UNAUTHORIZED";
    private static final String DENIED = "DENIED";
    private static final Map<String, String> DEFAULT_MESSAGES = Map.of(
            UNAUTHORIZED,
            "authentication required",
            DENIED,
            "requested access to the resource is denied",
            "MANIFEST_UNKNOWN",
            "manifest unknown",
            "NAME_UNKNOWN",
            "repository name not known to registry",
            "BLOB_UNKNOWN",
            "blob unknown to registry",
            "TOOMANYREQUESTS",
            "too many requests",
            "UNSUPPORTED",
            "The operation is unsupported.",
            "UNAVAILABLE",
            "service unavailable",
            "UNKNOWN",
            "unknown error");

    private RegistryErrors() {}

    /**
     * The exception for an error response.
     *
     * @param body of the response, possibly cut off
     */
    static RegistryException of(int status, HttpHeaders headers, byte[] body) {
        if (status < 400 || status >= 500) {
            return new RegistryException(
                    status, "", "received unexpected HTTP status: " + status + " " + reason(status), null);
        }
        for (Challenge challenge : Challenge.parse(headers.allValues("WWW-Authenticate"))) {
            String error = challenge.parameter("error").orElse("");
            String code =
                    switch (error) {
                        case "invalid_token" -> UNAUTHORIZED;
                        case "insufficient_scope" -> DENIED;
                        default -> "";
                    };
            if (challenge.scheme().equals("bearer") && !code.isEmpty()) {
                return single(
                        status, code, challenge.parameter("error_description").orElseGet(() -> defaultMessage(code)));
            }
        }
        String contentType =
                headers.firstValue("Content-Type").orElse("").split(";")[0].strip();
        if (!contentType.endsWith("/json") && !contentType.endsWith("+json")) {
            return plain(status, new String(body, StandardCharsets.UTF_8).strip());
        }
        return json(status, body);
    }

    private static RegistryException json(int status, byte[] body) {
        String problem;
        try {
            JsonNode document = JSON.readTree(body);
            JsonNode details = document.path("details");
            if (details.isString() && !details.stringValue().isEmpty()) {
                return plain(status, details.stringValue());
            }
            List<RegistryException> errors = new ArrayList<>();
            for (JsonNode error : document.path("errors")) {
                String code = error.path("code").asString("UNKNOWN");
                String message = error.path("message").asString("");
                errors.add(single(status, code, message.isEmpty() ? defaultMessage(code) : message));
            }
            if (errors.size() == 1) {
                return errors.getFirst();
            }
            if (!errors.isEmpty()) {
                StringBuilder all = new StringBuilder("errors:\n");
                errors.forEach(error -> all.append(error.text()).append('\n'));
                return new RegistryException(status, errors.getFirst().code(), all.toString(), null);
            }
            problem = "no error details found in HTTP response body";
        } catch (JacksonException e) {
            problem = body.length == 0
                    ? "unexpected end of JSON input"
                    : "invalid character '" + (char) (body[0] & 0xff) + "' looking for beginning of value";
        }
        if (status == 401) {
            return single(status, UNAUTHORIZED, defaultMessage(UNAUTHORIZED));
        }
        String quoted = new String(body, StandardCharsets.UTF_8)
                .replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\r", "\\r")
                .replace("\n", "\\n");
        return new RegistryException(
                status,
                "",
                "error parsing HTTP " + status + " response body: " + problem + ": \"" + quoted + "\"",
                null);
    }

    private static RegistryException plain(int status, String message) {
        String code =
                switch (status) {
                    case 401 -> UNAUTHORIZED;
                    case 403 -> DENIED;
                    case 429 -> "TOOMANYREQUESTS";
                    default -> "UNKNOWN";
                };
        return single(status, code, message.isEmpty() && status == 401 ? defaultMessage(code) : message);
    }

    private static RegistryException single(int status, String code, String message) {
        String spoken = code.toLowerCase(Locale.ROOT).replace('_', ' ');
        return new RegistryException(status, code, spoken + ": " + message, null);
    }

    private static String defaultMessage(String code) {
        return DEFAULT_MESSAGES.getOrDefault(code, "unknown error");
    }

    private static String reason(int status) {
        return switch (status) {
            case 300 -> "Multiple Choices";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 303 -> "See Other";
            case 304 -> "Not Modified";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "";
        };
    }
}
