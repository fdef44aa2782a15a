package io.berth.engine.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.container.LogConfig;
import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.ContainerProcess.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class LogFilesTest {
    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("c-json.log");
    }

    private LogFiles log(long maxBytes, int files) {
        LogFiles log = new LogFiles(file(), new LogOptions(true, maxBytes, files), Map.of());
        log.open();
        return log;
    }

    private static void write(LogFiles log, String text) {
        log.append(Stream.STDOUT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(LogFiles log, LogQuery query) throws IOException, InterruptedException {
        StringBuilder text = new StringBuilder();
        new LogReader(log, query, collect(text)).read();
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
        LogFiles log = log(1 << 20, 3);
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
        LogFiles log = log(1 << 20, 3);
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
        LogFiles log = log(1_000, 3);
        for (int i = 0; i < 100; i++) {
            write(log, "line " + i + "\n");
        }
        log.close();
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("c-json.log", "c-json.log.1", "c-json.log.2");
        assertThat(Files.size(directory.resolve("c-json.log.1"))).isBetween(1_000L, 1_100L);
        assertThat(read(log, tail(-1))).endsWith("line 98\nline 99\n");
        assertThat(read(log, tail(20))).startsWith("line 80\n").endsWith("line 99\n");
        assertThat(read(log, tail(1))).isEqualTo("line 99\n");
        assertThat(read(log, tail(0))).isEmpty();
    }

    @Test
    void followsAcrossRotations() throws Exception {
        LogFiles log = log(500, 2);
        StringBuilder text = new StringBuilder();
        LogQuery follow = new LogQuery(true, true, null, null, -1, true, false, false);
        CompletableFuture<Void> reader = CompletableFuture.runAsync(() -> {
            try {
                new LogReader(log, follow, collect(text)).read();
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
        LogFiles log = log(1 << 20, 3);
        write(log, "next\n");
        log.close();
        assertThat(read(log, tail(-1))).isEqualTo("whole\nnext\n");
        LogQuery since = new LogQuery(true, true, Instant.parse("2026-01-01T00:00:01Z"), null, -1, false, true, false);
        assertThat(read(log, since)).matches("20[0-9T:.-]+Z next\n");
        LogQuery until = new LogQuery(true, true, null, Instant.parse("2026-01-01T00:00:01Z"), -1, false, false, false);
        assertThat(read(log, until)).isEqualTo("whole\n");
    }

    @Test
    void readsOptions() {
        assertThat(LogOptions.of(LogConfig.DEFAULT)).isEqualTo(new LogOptions(true, 10_000_000, 3));
        assertThat(LogOptions.of(new LogConfig("json-file", Map.of("max-size", "10k", "max-file", "1"))))
                .isEqualTo(new LogOptions(true, 10 * 1024, 1));
        assertThat(LogOptions.of(new LogConfig("json-file", Map.of("max-size", "2g")))
                        .maxFileBytes())
                .isEqualTo(2L << 30);
        assertThat(LogOptions.of(new LogConfig("none", null)).kept()).isFalse();
        for (Map<String, String> wrong : java.util.List.of(
                Map.of("max-size", "ten"), Map.of("max-file", "0"), Map.of("colour", "red"), Map.of("max-size", "0"))) {
            assertThatThrownBy(() -> LogOptions.of(new LogConfig("json-file", wrong)))
                    .isInstanceOf(InvalidParameter.class);
        }
    }
}
