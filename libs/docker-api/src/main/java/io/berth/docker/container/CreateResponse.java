package io.berth.docker.container;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Answer to a create request.
 *
 * <pre>{"Id": "ede5…", "Warnings": []}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record CreateResponse(String id, List<String> warnings) {}
