package io.berth.gateway.merge;

import io.berth.docker.DockerJson;
import io.berth.gateway.node.Answer;
import io.berth.gateway.node.Fan;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a client gets.
 *
 * @param status of HTTP
 * @param contentType null for none
 * @param body text
 * @param warnings what is missing in it, such as a node that is unreachable
 */
public record Merged(int status, @Nullable String contentType, String body, List<String> warnings) {
    private static final String JSON = "application/json";

    public Merged {
        warnings = List.copyOf(warnings);
    }

    static Merged of(JsonNode body, List<Fan.Lost> lost) {
        return new Merged(200, JSON, DockerJson.MAPPER.writeValueAsString(body), warnings(lost));
    }

    /** One node's answer as it is. */
    static Merged of(Answer answer) {
        return of(answer, List.of());
    }

    static Merged of(Answer answer, List<Fan.Lost> lost) {
        return new Merged(answer.status(), answer.contentType(), answer.text(), warnings(lost));
    }

    static List<String> warnings(List<Fan.Lost> lost) {
        return lost.stream().map(one -> one.error().text()).toList();
    }
}
