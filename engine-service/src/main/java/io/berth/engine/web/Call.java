package io.berth.engine.web;

import io.berth.docker.ApiVersion;
import io.berth.docker.Decimal;
import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unavailable;
import io.berth.dockerserver.filter.Filters;
import io.berth.json.Bounds;
import io.berth.unixhttp.RequestBodies;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A request as controllers want it: version, query values as Go reads them, JSON body. */
public final class Call {
    private static final int MAX_BODY_BYTES = 4 << 20;

    private final HttpServletRequest request;
    private final HttpServletResponse response;

    Call(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
    }

    public HttpServletRequest request() {
        return request;
    }

    public HttpServletResponse response() {
        return response;
    }

    /** The version in the path, or the newest. */
    public ApiVersion version() {
        return request.getAttribute(ApiVersionFilter.ATTRIBUTE) instanceof ApiVersion version
                ? version
                : ApiVersion.MAX;
    }

    /** A query value; empty when absent. */
    public String text(String name) {
        @Nullable String value = request.getParameter(name);
        return value == null ? "" : value;
    }

    /** True for all but the few texts that mean false (moby: daemon/server/httputils/form.go). */
    public boolean flag(String name) {
        return flag(name, false);
    }

    /** The same with a default for absence. */
    public boolean flag(String name, boolean absent) {
        @Nullable String value = request.getParameter(name);
        if (value == null) {
            return absent;
        }
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "", "0", "no", "false", "none" -> false;
            default -> true;
        };
    }

    /**
     * A whole number.
     *
     * @throws InvalidParameter when it is there and is none
     */
    public Optional<Long> number(String name) {
        String value = text(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Decimal.parseLong(value));
        } catch (NumberFormatException e) {
            throw new InvalidParameter("strconv.Atoi: parsing \"" + value + "\": invalid syntax", e);
        }
    }

    /** The query value {@code filters}. */
    public Filters filters() {
        return Filters.parse(request.getParameter("filters"));
    }

    /**
     * Reads the body.
     *
     * @throws InvalidParameter when it is no JSON, not said to be JSON, or over 4 MiB; in moby's words
     * @throws Unavailable when there is no room for it beside others
     */
    public byte[] jsonBytes() throws IOException {
        @Nullable String type = request.getContentType();
        byte[] body;
        try {
            body = RequestBodies.read(request, MAX_BODY_BYTES);
        } catch (RequestBodies.Refused e) {
            throw switch (e.refusal()) {
                case TOO_LARGE -> new InvalidParameter("request body is larger than 4 MiB");
                case NO_ROOM -> new Unavailable("too many large requests are being worked on: try again");
            };
        }
        if (body.length > 0 && (type == null || type.isEmpty())) {
            throw new InvalidParameter("malformed Content-Type header (): mime: no media type");
        }
        if (type != null && !type.isEmpty() && !isJson(type)) {
            throw new InvalidParameter("unsupported Content-Type header (" + type + "): must be 'application/json'");
        }
        return body;
    }

    private static boolean isJson(String type) {
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip().equalsIgnoreCase("application/json");
    }

    /** The body as a record; an empty body is refused. */
    public <T> T json(Class<T> type) throws IOException {
        return parse(jsonBytes(), type);
    }

    /** The body as a record, or nothing when it is empty. */
    public <T> Optional<T> optionalJson(Class<T> type) throws IOException {
        byte[] body = jsonBytes();
        return body.length == 0 ? Optional.empty() : Optional.of(parse(body, type));
    }

    /** Parses bytes read before. */
    public static <T> T parse(byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw new InvalidParameter("invalid JSON: got EOF while reading request body");
        }
        try {
            @Nullable T value = DockerJson.REQUESTS.readValue(body, type);
            if (value == null) {
                throw new InvalidParameter("invalid JSON: null");
            }
            return value;
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid JSON: " + Bounds.reason(e), e);
        }
    }
}
