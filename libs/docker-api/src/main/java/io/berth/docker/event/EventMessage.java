package io.berth.docker.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.berth.json.Frozen;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened (Engine API, EventMessage).
 *
 * <pre>{"Type": "container", "Action": "start", "Actor": {"ID": "ede5…", "Attributes": {"name": "web"}},
 *  "scope": "local", "time": 1629574695, "timeNano": 1629574695515050031}</pre>
 *
 * @param legacyStatus the action again, below API 1.52 for containers and images
 * @param legacyId the actor's id again, below API 1.52
 * @param legacyFrom the image again, below API 1.52
 * @param time seconds since the epoch
 * @param timeNano nanoseconds since the epoch
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EventMessage(
        @JsonProperty("status") @Nullable String legacyStatus,
        @JsonProperty("id") @Nullable String legacyId,
        @JsonProperty("from") @Nullable String legacyFrom,
        @JsonProperty("Type") String type,
        @JsonProperty("Action") String action,
        @JsonProperty("Actor") Actor actor,
        String scope,
        long time,
        long timeNano) {

    /** What it happened to. */
    public record Actor(
            @JsonProperty("ID") String id,
            @JsonProperty("Attributes") Map<String, String> attributes) {
        public Actor {
            attributes = Frozen.map(attributes);
        }
    }
}
