package io.berth.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.container.LogConfig;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class SyslogTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    @TempDir
    Path directory;

    private ContainerLog log(Map<String, String> options) {
        LogConfig config = new LogConfig("syslog", options);
        LogDrivers.check(config);
        ContainerLog log = ContainerLog.of(config, ID, directory);
        log.open(new LogInfo(
                ID, "web", "sh", List.of(), "sha256:" + ID, "busybox", Instant.EPOCH, List.of(), Map.of(), directory));
        return log;
    }

    private static void write(ContainerLog log, Stream stream, String text) {
        log.append(stream, text.getBytes(StandardCharsets.UTF_8));
    }

    private static ServerSocket listen(int port) throws Exception {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return server;
    }

    @Test
    void writesEachFormat() throws Exception {
        long pid = ProcessHandle.current().pid();
        String tag = "0123456789ab";
        String host = InetAddress.getLocalHost().getHostName();
        Map<String, String> expected = new HashMap<>();
        expected.put("", "<30>[A-Z][a-z]{2} [ 0-9]\\d [0-9:]{8} " + tag + "\\[" + pid + "\\]: out");
        expected.put("rfc3164", "<30>[A-Z][a-z]{2} [ 0-9]\\d [0-9:]{8} " + host + " " + tag + "\\[" + pid + "\\]: out");
        expected.put(
                "rfc5424",
                "<30>1 \\d{4}-\\d\\d-\\d\\dT[0-9:]{8}(Z|[+-]\\d\\d:\\d\\d) " + host + " " + tag + " " + pid + " " + tag
                        + " - out");
        expected.put(
                "rfc5424micro",
                "<30>1 \\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{6}(Z|[+-]\\d\\d:\\d\\d) " + host + " " + tag + " " + pid
                        + " " + tag + " - out");
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            for (Map.Entry<String, String> format : expected.entrySet()) {
                ContainerLog log = log(Map.of(
                        "syslog-address",
                        "udp://127.0.0.1:" + server.getLocalPort(),
                        "syslog-format",
                        format.getKey()));
                write(log, Stream.STDOUT, "out\n");
                log.close();
                DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
                server.receive(packet);
                assertThat(new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8))
                        .matches(format.getValue() + "\n");
            }
        }
    }

    @Test
    void connectsAgainAndKeepsLinesThatCanBeReadHere() throws Exception {
        int port;
        ContainerLog log;
        try (ServerSocket server = listen(0)) {
            port = server.getLocalPort();
            log = log(Map.of(
                    "syslog-address", "tcp://127.0.0.1:" + port, "syslog-facility", "local7", "tag", "{{.Name}}"));
            try (Socket client = server.accept();
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
                write(log, Stream.STDERR, "first\n");
                assertThat(lines.readLine())
                        .startsWith("<187>")
                        .contains(" web[")
                        .endsWith(": first");
            }
        }
        // Away: lines are lost there, and nothing waits. The first write after a close is what a peer answers with a
        // reset.
        for (int i = 0; i < 5; i++) {
            write(log, Stream.STDOUT, "away " + i + "\n");
            Thread.sleep(5);
        }
        try (ServerSocket server = listen(port)) {
            write(log, Stream.STDOUT, "back\n");
            try (Socket client = server.accept();
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).endsWith(": back");
            }
        }
        log.close();
        StringBuilder text = new StringBuilder();
        LogReader.Sink sink = new LogReader.Sink() {
            @Override
            public void line(Stream stream, byte[] content) {
                text.append(new String(content, StandardCharsets.UTF_8));
            }

            @Override
            public void flush() {}

            @Override
            public boolean wanted() {
                return true;
            }
        };
        new LogReader(log.readable().orElseThrow(), LogQuery.everything(true, true), sink).read();
        assertThat(text.toString()).isEqualTo("first\naway 0\naway 1\naway 2\naway 3\naway 4\nback\n");
    }

    @Test
    void aTargetThatTakesNothingDoesNotKeepAContainerFromEnding() throws Exception {
        try (ServerSocket server = listen(0)) {
            ContainerLog log = log(Map.of("syslog-address", "tcp://127.0.0.1:" + server.getLocalPort()));
            try (Socket client = server.accept()) {
                assertThat(client.isConnected()).isTrue();
                byte[] line = ("x".repeat(10_000) + "\n").getBytes(StandardCharsets.UTF_8);
                Thread writer = Thread.startVirtualThread(() -> {
                    for (int i = 0; i < 5_000; i++) {
                        log.append(Stream.STDOUT, line);
                    }
                });
                assertThat(writer.join(java.time.Duration.ofSeconds(1))).isFalse();
                log.close();
                assertThat(writer.join(java.time.Duration.ofSeconds(10))).isTrue();
            }
        }
    }

    @Test
    void failsToBeginWhereNobodyListens() throws Exception {
        int port;
        try (ServerSocket server = listen(0)) {
            port = server.getLocalPort();
        }
        assertThatThrownBy(() -> log(Map.of("syslog-address", "tcp://127.0.0.1:" + port)))
                .isInstanceOf(LogDriverException.class)
                .hasMessageStartingWith("dial tcp 127.0.0.1:" + port);
        assertThat(ContainerLog.of(new LogConfig("syslog", Map.of("cache-disabled", "true")), ID, directory)
                        .readable())
                .isEmpty();
    }
}
