package io.berth.docker.exec;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Answer to an exec create request.
 *
 * <pre>{"Id": "f33b…"}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record ExecCreateResponse(String id) {}
