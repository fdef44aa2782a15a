package io.berth.docker.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a prune removed.
 *
 * <pre>{"ContainersDeleted": ["ede5…"], "SpaceReclaimed": 1024}</pre>
 *
 * @param containersDeleted null when none
 * @param spaceReclaimed bytes
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record PruneResponse(@Nullable List<String> containersDeleted, long spaceReclaimed) {}
