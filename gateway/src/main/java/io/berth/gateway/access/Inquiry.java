package io.berth.gateway.access;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Asks the platform about what a request names, as an operator would. Thread-safe; never blocks. */
public interface Inquiry {
    /**
     * Asks.
     *
     * @param method {@code GET} or {@code POST}
     * @param path with query, escaped
     * @param body null for none
     * @return the answer; empty when there is no such thing (404). Completes exceptionally when there is no answer
     */
    CompletionStage<Optional<JsonNode>> ask(String method, String path, @Nullable JsonNode body);
}
