package io.berth.docker.volume;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What a prune removed.
 *
 * <pre>{"VolumesDeleted": ["data"], "SpaceReclaimed": 1024}</pre>
 *
 * @param spaceReclaimed bytes
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record VolumePruneResponse(List<String> volumesDeleted, long spaceReclaimed) {}
