package io.berth.gateway.access.policy;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** What a developer may ask of a process in a container of theirs, and of a secret. */
public final class ExecPolicy {
    private static final Set<String> CREATE = Set.of(
            "AttachStdin",
            "AttachStdout",
            "AttachStderr",
            "ConsoleSize",
            "DetachKeys",
            "Tty",
            "Env",
            "Cmd",
            "User",
            "WorkingDir",
            "Detach");
    /** Everything that an engine reads. */
    private static final Set<String> KNOWN =
            Stream.concat(CREATE.stream(), Stream.of("Privileged")).collect(Collectors.toUnmodifiableSet());

    private static final Set<String> SECRET = Set.of("Name", "Labels", "Data", "Templating");

    private ExecPolicy() {}

    /** @throws Refused naming the first field that is not the developer's to set, such as {@code Privileged} */
    public static void create(ObjectNode body) {
        StrictJson.canonicalise(body, KNOWN);
        // docker-py and docker-java name the container here too: Docker passes over what it does not know.
        body.retain(KNOWN);
        Fields.refuseOthers(body, "", CREATE);
    }

    /** Checks a secret or config, which belongs to the project afterwards. */
    public static void secret(ObjectNode body, String project) {
        StrictJson.canonicalise(body, SECRET);
        Fields.refuseOthers(body, "", SECRET);
        Labels.own(body, "Labels", project);
    }
}
