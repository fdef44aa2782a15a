package io.berth.engine.container;

import io.berth.docker.error.InvalidParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of a process in a container: PATH, HOSTNAME and, with a terminal, TERM, then what was asked for. A bare name
 * takes a variable away. Nothing of the engine's own environment is in it.
 */
public final class ProcessEnvironment {
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private ProcessEnvironment() {}

    /**
     * Refuses what is no variable, or would be another one to whoever reads the process's environment by lines.
     *
     * @throws InvalidParameter in Docker's words where it has any
     */
    public static void check(String entry) {
        if (entry.isEmpty() || entry.startsWith("=") || entry.indexOf('\0') >= 0) {
            throw new InvalidParameter("invalid environment variable: " + entry);
        }
        if (entry.startsWith("HOME=") && (entry.indexOf('\n') >= 0 || entry.indexOf('\r') >= 0)) {
            throw new InvalidParameter("invalid environment variable: HOME must be a single line");
        }
    }

    /** A container's first process. */
    static List<String> ofContainer(ContainerSpec spec) {
        return merge(spec.config().hostname(), spec.config().tty(), spec.env());
    }

    /** An exec's: the container's, then its own. */
    public static List<String> ofExec(ContainerSpec spec, boolean tty, List<String> own) {
        List<String> all = new ArrayList<>(spec.env());
        all.addAll(own);
        return merge(spec.config().hostname(), tty, all);
    }

    private static List<String> merge(String hostname, boolean tty, List<String> asked) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", PATH);
        environment.put("HOSTNAME", hostname);
        if (tty) {
            environment.put("TERM", "xterm");
        }
        for (String entry : asked) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                environment.put(entry.substring(0, equals), entry.substring(equals + 1));
            } else {
                environment.remove(entry);
            }
        }
        return environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }
}
