package io.berth.docker.secret;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A secret or config as its user describes it (Engine API, SecretSpec and ConfigSpec).
 *
 * <pre>{"Name": "db-password", "Labels": {"a": "b"}, "Data": "czNjcjN0"}</pre>
 *
 * @param data base64; in answers only that of a config
 * @param driver of an external store
 * @param templating how the value is evaluated
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SecretSpec(
        String name,
        Map<String, String> labels,
        @Nullable String data,
        @Nullable Map<String, Object> driver,
        @Nullable Map<String, Object> templating) {
    @SuppressWarnings("ConstantValue") // Jackson passes null for what the request leaves out
    public SecretSpec {
        name = name == null ? "" : name;
        labels = labels == null ? Map.of() : labels;
    }

    /** Without the value, which belongs into no log. */
    @Override
    public String toString() {
        return "SecretSpec[" + name + "]";
    }
}
