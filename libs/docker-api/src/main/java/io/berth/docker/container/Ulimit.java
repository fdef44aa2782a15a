package io.berth.docker.container;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A resource limit of a process.
 *
 * <pre>{"Name": "nofile", "Hard": 1024, "Soft": 1024}</pre>
 *
 * @param soft -1 is unlimited
 * @param hard -1 is unlimited
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record Ulimit(String name, long hard, long soft) {}
