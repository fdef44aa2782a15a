package io.berth.gateway.node;

import io.berth.docker.DockerJson;
import io.berth.docker.error.ErrorBody;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * A node's complete answer to a small request.
 *
 * @param node that answered, or did not
 * @param status of HTTP
 * @param contentType as sent, or null
 * @param text the body
 */
public record Answer(Node node, int status, @Nullable String contentType, String text) {
    static Answer of(Node node, int status, @Nullable String contentType, byte[] body) {
        return new Answer(node, status, contentType, new String(body, StandardCharsets.UTF_8));
    }

    public boolean ok() {
        return status >= 200 && status < 300;
    }

    /** The body as JSON; missing when it is not JSON. */
    public JsonNode json() {
        try {
            return text.isEmpty() ? MissingNode.getInstance() : DockerJson.MAPPER.readTree(text);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    /** The message of an error's body. */
    public String message() {
        return Optional.of(json().path("message").asString(""))
                .filter(found -> !found.isEmpty())
                .orElse(text);
    }

    /** The same answer with another error's text. */
    public Answer saying(String message) {
        return new Answer(node, status, contentType, DockerJson.MAPPER.writeValueAsString(new ErrorBody(message)));
    }
}
