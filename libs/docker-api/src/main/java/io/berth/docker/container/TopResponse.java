package io.berth.docker.container;

import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The processes of a container.
 *
 * <pre>{"Titles": ["UID", "PID", "CMD"], "Processes": [["root", "13642", "sh"]]}</pre>
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record TopResponse(List<String> titles, List<List<String>> processes) {}
