package io.berth.engine.container;

import io.berth.docker.DockerJson;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.json.Bounds;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * The security options of a container.
 *
 * @param noNewPrivileges whether programs cannot gain privileges
 * @param seccomp which filter
 * @param appArmor name of a profile, or empty for the default
 */
record SecurityOptions(boolean noNewPrivileges, SeccompChoice seccomp, String appArmor) {

    /**
     * Reads Docker's {@code key}, {@code key=value} and {@code key:value}.
     *
     * @param privileged a privileged container has no filter unless it asks for one
     * @throws InvalidParameter for an unknown option
     */
    static SecurityOptions parse(@Nullable List<String> options, boolean privileged) {
        boolean noNewPrivileges = false;
        String appArmor = "";
        SeccompChoice seccomp = privileged ? new SeccompChoice.Unconfined() : new SeccompChoice.Default();
        for (String option : options == null ? List.<String>of() : options) {
            String key = key(option);
            if (key.equals(option) && !Set.of("no-new-privileges", "disable").contains(key)) {
                throw new InvalidParameter("invalid --security-opt 1: \"" + option + "\"");
            }
            String value = option.length() > key.length() ? option.substring(key.length() + 1) : "";
            switch (key) {
                case "no-new-privileges" -> noNewPrivileges = flag(option, value);
                case "seccomp" -> seccomp = seccomp(value);
                case "apparmor" -> appArmor = appArmor(option, value);
                case "label", "disable" -> {
                    // SELinux is not used, and so its labels are not looked at, as with dockerd where it is off.
                }
                default -> throw new InvalidParameter("invalid --security-opt 2: \"" + option + "\"");
            }
        }
        return new SecurityOptions(noNewPrivileges, seccomp, appArmor);
    }

    private static String key(String option) {
        int equals = option.indexOf('=');
        int separator = equals >= 0 ? equals : option.indexOf(':');
        return separator < 0 ? option : option.substring(0, separator);
    }

    private static boolean flag(String option, String value) {
        return switch (value) {
            case "", "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new InvalidParameter("invalid --security-opt 2: \"" + option + "\"");
        };
    }

    private static SeccompChoice seccomp(String value) {
        return switch (value) {
            case "unconfined" -> new SeccompChoice.Unconfined();
            case "", "builtin" -> new SeccompChoice.Default();
            default -> {
                try {
                    if (!DockerJson.REQUESTS.readTree(value).isObject()) {
                        throw new InvalidParameter("Decoding seccomp profile failed: not an object");
                    }
                } catch (JacksonException e) {
                    throw new InvalidParameter("Decoding seccomp profile failed: " + Bounds.reason(e), e);
                }
                yield new SeccompChoice.Custom(value);
            }
        };
    }

    /** The kernel is told it in one line, with words before it. */
    private static String appArmor(String option, String value) {
        if (value.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
            throw new InvalidParameter("invalid --security-opt 2: \"" + option + "\"");
        }
        return value;
    }
}
