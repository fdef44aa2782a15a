package io.berth.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.container.LogConfig;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ContainerLogTest {
    private static final String ID = "0123456789abcdef".repeat(4);

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve(ID + "-json.log");
    }

    private LogInfo info() {
        return new LogInfo(
                ID,
                "web",
                "sh",
                java.util.List.of("-c", "true"),
                "sha256:" + ID,
                "busybox",
                Instant.EPOCH,
                java.util.List.of("COLOUR=red", "SIZE=1"),
                Map.of("com.example.tier", "front", "other", "x"),
                directory);
    }

    private ContainerLog log(String driver, Map<String, String> options) {
        LogConfig config = new LogConfig(driver, options);
        LogDrivers.check(config);
        ContainerLog log = ContainerLog.of(config, ID, directory);
        log.open(info());
        return log;
    }

    private ContainerLog log(long maxBytes, int files) {
        return log("json-file", Map.of("max-size", Long.toString(maxBytes), "max-file", Integer.toString(files)));
    }

    private static void write(ContainerLog log, String text) {
        log.append(Stream.STDOUT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(ContainerLog log, LogQuery query) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        new LogReader(log.readable().orElseThrow(), query, collect(text)).read();
        return text.toString();
    }

    private static LogReader.Sink collect(StringBuilder text) {
        return new LogReader.Sink() {
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
    }

    private static LogQuery tail(long lines) {
        return new LogQuery(true, true, null, null, lines, false, false, false);
    }

    @Test
    void writesDockersFormat() throws IOException {
        ContainerLog log = log(1 << 20, 3);
        write(log, "a \"quoted\" <b>\t\u00e4\u001b[0m\n");
        log.append(Stream.STDERR, new byte[] {(byte) 0xff, '\n'});
        log.close();
        assertThat(Files.readAllLines(file()))
                .satisfiesExactly(
                        first -> assertThat(first)
                                .startsWith("{\"log\":\"a \\\"quoted\\\" \\u003cb\\u003e\\u0009\u00e4\\u001b[0m\\n\","
                                        + "\"stream\":\"stdout\",\"time\":\"20"),
                        second -> assertThat(second).startsWith("{\"log\":\"\\ufffd\\n\",\"stream\":\"stderr\""));
        assertThat(LogLine.decode(Files.readAllLines(file()).getFirst().getBytes(StandardCharsets.UTF_8)))
                .map(LogLine::log)
                .contains("a \"quoted\" <b>\t\u00e4\u001b[0m\n");
    }

    @Test
    void keepsLinesTogetherAndSplitsLongOnesBetweenCharacters() throws Exception {
        ContainerLog log = log(1 << 20, 3);
        write(log, "begin");
        write(log, " end\npart");
        String longLine = "x".repeat(16 * 1024 - 1 - 4) + "\u00e4".repeat(10);
        write(log, longLine);
        assertThat(Files.readAllLines(file())).hasSize(2);
        log.close();
        assertThat(read(log, tail(-1))).isEqualTo("begin end\npart" + longLine);
        assertThat(Files.readAllLines(file())).hasSize(3).noneMatch(line -> line.contains("\\ufffd"));
    }

    @Test
    void rotatesAndReadsOnAcrossFiles() throws Exception {
        ContainerLog log = log(1_000, 3);
        for (int i = 0; i < 100; i++) {
            write(log, "line " + i + "\n");
        }
        log.close();
        assertThat(directory.toFile().list())
                .containsExactlyInAnyOrder(ID + "-json.log", ID + "-json.log.1", ID + "-json.log.2");
        assertThat(Files.size(directory.resolve(ID + "-json.log.1"))).isBetween(1_000L, 1_100L);
        assertThat(read(log, tail(-1))).endsWith("line 98\nline 99\n");
        assertThat(read(log, tail(20))).startsWith("line 80\n").endsWith("line 99\n");
        assertThat(read(log, tail(1))).isEqualTo("line 99\n");
        assertThat(read(log, tail(0))).isEmpty();
    }

    @Test
    void followsAcrossRotations() throws Exception {
        ContainerLog log = log(500, 2);
        StringBuilder text = new StringBuilder();
        LogQuery follow = new LogQuery(true, true, null, null, -1, true, false, false);
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            try {
                new LogReader(log.readable().orElseThrow(), follow, collect(text)).read();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        StringBuilder written = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            write(log, "line " + i + "\n");
            written.append("line ").append(i).append('\n');
            Thread.sleep(3);
        }
        log.close();
        reader.get(10, TimeUnit.SECONDS);
        assertThat(text.toString()).isEqualTo(written.toString());
    }

    @Test
    void goesOnAfterATornLine() throws Exception {
        Files.writeString(
                file(),
                "{\"log\":\"whole\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n{\"log\":\"to");
        ContainerLog log = log(1 << 20, 3);
        write(log, "next\n");
        log.close();
        assertThat(read(log, tail(-1))).isEqualTo("whole\nnext\n");
        LogQuery since = new LogQuery(true, true, Instant.parse("2026-01-01T00:00:01Z"), null, -1, false, true, false);
        assertThat(read(log, since)).matches("20[0-9T:.-]+Z next\n");
        LogQuery until = new LogQuery(true, true, null, Instant.parse("2026-01-01T00:00:01Z"), -1, false, false, false);
        assertThat(read(log, until)).isEqualTo("whole\n");
    }

    @Test
    void keepsTheBeginningOfALineOverTheEnginesEnd() throws Exception {
        ContainerLog killed = log(1 << 20, 3);
        write(killed, "whole\nname? ");
        killed.append(Stream.STDERR, "oh".getBytes(StandardCharsets.UTF_8));
        // What was written is on disk without any call at the end.
        ContainerLog next = log(1 << 20, 3);
        write(next, "Ada\n");
        next.close();
        assertThat(read(next, tail(-1))).isEqualTo("whole\nname? Ada\noh");
        assertThat(directory.resolve("unfinished-lines")).doesNotExist();
        ContainerLog fresh = log(1 << 20, 3);
        fresh.close();
        assertThat(read(fresh, tail(-1))).isEqualTo("whole\nname? Ada\noh");
        killed.close();
    }

    @Test
    void readsCompressedFiles() throws Exception {
        for (String driver : java.util.List.of("json-file", "local")) {
            ContainerLog log = log(driver, Map.of("max-size", "1000", "max-file", "4", "compress", "true"));
            for (int i = 0; i < 60; i++) {
                write(log, "line " + i + "\n");
            }
            log.close();
            Path current = log.readable().orElseThrow().file();
            assertThat(current.resolveSibling(current.getFileName() + ".1.gz")).exists();
            assertThat(current.resolveSibling(current.getFileName() + ".1")).doesNotExist();
            assertThat(read(log, tail(30))).startsWith("line 30\n").endsWith("line 59\n");
            assertThat(read(log, tail(1))).isEqualTo("line 59\n");
            assertThat(directory.toFile().list()).noneMatch(name -> name.endsWith(".tmp"));
        }
    }

    @Test
    void givesDetails() throws Exception {
        ContainerLog log = log(
                "json-file",
                Map.of("labels", "com.example.tier", "env-regex", "^COL", "tag", "{{.Name}}/{{ .ID }}/{{.ImageName}}"));
        write(log, "hi\n");
        log.close();
        LogQuery details = new LogQuery(true, true, null, null, -1, false, false, true);
        assertThat(read(log, details))
                .isEqualTo("COLOUR=red,com.example.tier=front,tag=web%2F0123456789ab%2Fbusybox hi\n");
        ContainerLog plain = log("local", Map.of());
        write(plain, "hi\n");
        plain.close();
        assertThat(read(plain, details)).isEqualTo(" hi\n");
    }

    @Test
    void dropsWhatDoesNotFitRatherThanWait() throws Exception {
        ContainerLog log = log("local", Map.of("mode", "non-blocking", "max-buffer-size", "4m"));
        for (int i = 0; i < 1000; i++) {
            write(log, "line " + i + "\n");
        }
        log.close();
        assertThat(read(log, tail(-1)).lines()).hasSize(1000);
        java.util.concurrent.CountDownLatch go = new java.util.concurrent.CountDownLatch(1);
        java.util.List<String> taken = new java.util.concurrent.CopyOnWriteArrayList<>();
        BufferedTarget buffer = new BufferedTarget(new SlowTarget(go, taken), 100);
        for (int i = 0; i < 50; i++) {
            byte[] line = "0123456789".getBytes(StandardCharsets.UTF_8);
            buffer.write(new LogMessage(Stream.STDOUT, Instant.now(), line, 0, line.length, true));
            buffer.flush();
        }
        go.countDown();
        buffer.close();
        assertThat(taken).hasSizeBetween(10, 12);
    }

    private record SlowTarget(java.util.concurrent.CountDownLatch go, java.util.List<String> taken)
            implements LogTarget {
        @Override
        public void write(LogMessage message) throws IOException {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            taken.add(new String(message.bytes(), StandardCharsets.UTF_8));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void refusesWhatDockerRefuses() {
        assertRefused("smoke", Map.of(), "error looking up logging plugin smoke: plugin \"smoke\" not found");
        assertRefused("json-file", Map.of("colour", "red"), "unknown log opt 'colour' for json-file log driver");
        assertRefused("local", Map.of("colour", "red"), "unknown log opt 'colour' for log driver local");
        assertRefused("syslog", Map.of("colour", "red"), "unknown log opt 'colour' for syslog log driver");
        assertRefused("journald", Map.of("max-size", "1"), "unknown log opt 'max-size' for journald log driver");
        assertRefused("json-file", Map.of("mode", "lazy"), "logger: logging mode not supported: lazy");
        assertRefused(
                "json-file",
                Map.of("max-buffer-size", "1m"),
                "logger: max-buffer-size option is only supported with 'mode=non-blocking'");
        assertRefused("syslog", Map.of("syslog-facility", "noise"), "invalid syslog facility");
        assertRefused("syslog", Map.of("syslog-format", "xml"), "Invalid syslog format");
        assertRefused(
                "syslog",
                Map.of("syslog-address", "here"),
                "syslog-address should be in form proto://address, got here");
        assertRefused("syslog", Map.of("syslog-address", "unix:///a\0b"), "stat /a\0b: no such file or directory");
        assertRefused("syslog", Map.of("cache-disabled", "maybe"), "invalid value for option cache-disabled: maybe");
        assertRefused("json-file", Map.of("max-size", "ten"), "invalid size: 'ten'");
        assertRefused("json-file", Map.of("max-size", "0"), "max-size must be a positive number");
        assertRefused("json-file", Map.of("max-file", "0"), "max-file cannot be less than 1");
        assertRefused(
                "json-file",
                Map.of("compress", "true", "max-file", "1"),
                "compress cannot be true when max-file is less than 2 or max-size is not set");
        assertThat(ContainerLog.of(new LogConfig("none", Map.of()), ID, directory)
                        .readable())
                .isEmpty();
        assertThat(LogDrivers.names()).containsExactly("journald", "json-file", "local", "syslog");
    }

    @Test
    void linesThatAreNoneAreLeftOut() {
        for (String line : List.of(
                "null",
                "{\"log\":\"a\",\"stream\":\"stdout\"",
                "{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"yesterday\"}",
                "{\"log\":\"a\",\"stream\":\"stdout\",\"attrs\":{\"a\":null},\"time\":\"2026-01-01T00:00:00Z\"}")) {
            assertThat(LogLine.decode(line.getBytes(StandardCharsets.UTF_8)))
                    .as(line)
                    .isEmpty();
        }
    }

    @Test
    @Timeout(20)
    void tagsAreReadInTimeInProportion() {
        String blanks = " ".repeat(1 << 20);
        assertThat(LogTag.of("a{{-" + blanks + ".Name" + blanks + "-}}b", info()))
                .startsWith("a")
                .endsWith("b");
        assertThatThrownBy(() -> LogTag.of("{{".repeat(1 << 18) + blanks, info()))
                .hasMessage("template: log-tag:1: unclosed action");
    }

    private void assertRefused(String driver, Map<String, String> options, String message) {
        assertThatThrownBy(() -> log(driver, options))
                .isInstanceOf(LogDriverException.class)
                .hasMessage(message);
    }
}
