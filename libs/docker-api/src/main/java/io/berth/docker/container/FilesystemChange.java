package io.berth.docker.container;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * One difference between a container's files and its image's.
 *
 * <pre>{"Path": "/etc/motd", "Kind": 0}</pre>
 *
 * @param path absolute, inside the container
 * @param kind {@link #MODIFIED}, {@link #ADDED} or {@link #DELETED}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record FilesystemChange(String path, int kind) {
    public static final int MODIFIED = 0;
    public static final int ADDED = 1;
    public static final int DELETED = 2;
}
