package io.berth.engine.container;

import io.berth.docker.container.HostConfig;
import io.berth.docker.error.InvalidParameter;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks what is written into a container's hosts and resolv.conf files: each value must stay in the line that it belongs to. */
final class NetworkText {
    /** An address, or the word that stands for the host's. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(%[0-9a-zA-Z._-]+)?|host-gateway");

    private NetworkText() {}

    /**
     * @throws InvalidParameter in moby's words (moby: opts/hosts.go, ValidateExtraHost)
     */
    static void check(HostConfig host) {
        for (String entry : orEmpty(host.extraHosts())) {
            checkExtraHost(entry);
        }
        for (String server : orEmpty(host.dns())) {
            if (!ADDRESS.matcher(server).matches() || server.equals("host-gateway")) {
                throw new InvalidParameter("invalid DNS address: " + quoted(server));
            }
        }
        orEmpty(host.dnsSearch()).forEach(domain -> refuseBreaks(domain, "DNS search domain"));
        orEmpty(host.dnsOptions()).forEach(option -> refuseBreaks(option, "DNS option"));
    }

    private static void checkExtraHost(String entry) {
        int separator = entry.indexOf('=') > 0 ? entry.indexOf('=') : entry.indexOf(':');
        if (separator <= 0 || entry.chars().limit(separator).anyMatch(c -> isBreak(c) || c == ' ')) {
            throw new InvalidParameter("bad format for add-host: " + quoted(entry));
        }
        String address = entry.substring(separator + 1);
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        String bare = bracketed ? address.substring(1, address.length() - 1) : address;
        if (!ADDRESS.matcher(bare).matches()) {
            throw new InvalidParameter("invalid IP address in add-host: " + quoted(address));
        }
    }

    private static void refuseBreaks(String value, String what) {
        if (value.chars().anyMatch(NetworkText::isBreak)) {
            throw new InvalidParameter("invalid " + what + ": " + quoted(value));
        }
    }

    private static boolean isBreak(int c) {
        return c < ' ' || c == 0x7f;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\x00") + '"';
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
