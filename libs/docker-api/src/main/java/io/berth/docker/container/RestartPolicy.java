package io.berth.docker.container;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * When a container is started again after it ended.
 *
 * <pre>{"Name": "on-failure", "MaximumRetryCount": 3}</pre>
 *
 * @param name {@code no} (also when absent), {@code always}, {@code unless-stopped} or {@code on-failure}
 * @param maximumRetryCount for {@code on-failure}; zero is unlimited
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record RestartPolicy(String name, int maximumRetryCount) {
    public static final RestartPolicy NO = new RestartPolicy("no", 0);

    public RestartPolicy(@Nullable String name, int maximumRetryCount) {
        this.name = name == null || name.isEmpty() ? "no" : name;
        this.maximumRetryCount = maximumRetryCount;
    }
}
