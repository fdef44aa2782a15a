package io.berth.engine.log;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Where syslog listens.
 *
 * @param protocol {@code udp}, {@code tcp}, {@code tcp+tls}, {@code unix} or {@code unixgram}; empty for this host's own
 * @param host of an address on a network
 * @param port of an address on a network
 * @param path of a Unix socket
 */
record SyslogAddress(String protocol, String host, int port, String path) {
    private static final Set<String> UNIX = Set.of("unix", "unixgram");
    private static final Set<String> NETWORK = Set.of("udp", "tcp", "tcp+tls");
    private static final int DEFAULT_PORT = 514;

    /**
     * Reads {@code proto://address}; empty is this host's own syslog.
     *
     * @throws LogDriverException in moby's words for what is no address, or a socket that is not there
     */
    static SyslogAddress parse(String text) {
        if (text.isEmpty()) {
            return new SyslogAddress("", "", 0, "");
        }
        int end = text.indexOf("://");
        String protocol = end < 0 ? "" : text.substring(0, end);
        if (UNIX.contains(protocol)) {
            String path = text.substring(end + "://".length());
            if (!exists(path)) {
                throw new LogDriverException("stat " + path + ": no such file or directory");
            }
            return new SyslogAddress(protocol, "", 0, path);
        }
        if (!NETWORK.contains(protocol)) {
            throw new LogDriverException("syslog-address should be in form proto://address, got " + text);
        }
        try {
            URI uri = new URI("syslog" + text.substring(end));
            if (uri.getHost() == null) {
                throw new LogDriverException("syslog-address should be in form proto://address, got " + text);
            }
            String host = uri.getHost().replaceAll("^\\[|]$", "");
            return new SyslogAddress(protocol, host, uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), "");
        } catch (URISyntaxException e) {
            throw new LogDriverException("parse \"" + text + "\": " + e.getReason(), e);
        }
    }

    private static boolean exists(String path) {
        try {
            return Files.exists(Path.of(path));
        } catch (InvalidPathException e) {
            return false; // no file has such a name
        }
    }

    boolean local() {
        return protocol.isEmpty();
    }

    @Override
    public String toString() {
        return path.isEmpty() ? protocol + "://" + host + ":" + port : protocol + "://" + path;
    }
}
