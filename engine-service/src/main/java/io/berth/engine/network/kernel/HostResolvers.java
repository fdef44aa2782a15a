package io.berth.engine.network.kernel;

import io.berth.engine.network.runtime.HostUse;
import io.berth.engine.network.runtime.HostUse.Kind;
import io.berth.linux.netlink.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The name servers that the host asks: of resolv.conf, and those behind systemd's own. */
final class HostResolvers {
    private static final List<Path> FILES =
            List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf"));
    private static final String KEYWORD = "nameserver";

    private HostResolvers() {}

    static List<HostUse> read() {
        return FILES.stream()
                .flatMap(HostResolvers::lines)
                .flatMap(line -> of(line).stream())
                .distinct()
                .toList();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            // A host without the file asks nobody.
            return Stream.empty();
        }
    }

    /** What a line of resolv.conf(5) names. */
    static Optional<HostUse> of(String line) {
        String stripped = line.strip();
        if (!stripped.startsWith(KEYWORD)
                || stripped.length() == KEYWORD.length()
                || !Character.isWhitespace(stripped.charAt(KEYWORD.length()))) {
            return Optional.empty();
        }
        String address = stripped.substring(KEYWORD.length()).strip();
        int zone = address.indexOf('%');
        try {
            return Optional.of(new HostUse(
                    Kind.RESOLVER,
                    IpPrefix.of(InetAddress.ofLiteral(zone < 0 ? address : address.substring(0, zone))),
                    ""));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
