package io.berth.compat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stock {@code skopeo} command. */
final class Skopeo {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private Skopeo() {}

    static Outcome run(String... arguments) {
        return runIn(List.of(), arguments);
    }

    /** @param prefix command that puts it into a network namespace */
    static Outcome runIn(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        return Running.run(command, Map.of(), new byte[0], TIMEOUT);
    }

    /** A manifest as the platform's registry has it. */
    static JsonNode raw(BerthInstance berth, String reference) {
        return JsonMapper.shared()
                .readTree(runIn(berth.inNamespace(), "inspect", "--tls-verify=false", "--raw", "docker://" + reference)
                        .ok());
    }
}
