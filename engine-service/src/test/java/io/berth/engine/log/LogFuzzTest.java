package io.berth.engine.log;

import io.berth.fuzz.Fuzzer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files of logs that were torn or changed, and options of log drivers. */
class LogFuzzTest {
    @Test
    void lines() {
        Fuzzer.of("log line")
                .examples(
                        "{\"log\":\"a\\n\",\"stream\":\"stdout\",\"time\":\"2020-01-01T00:00:00.123456789Z\"}",
                        "{\"log\":\"\\u001b[0m\",\"stream\":\"stderr\",\"attrs\":{\"a\":\"b\"},\"time\":\"2020-01-01T00:00:00Z\"}")
                .words("null", "[]", "{}", "\"\"", "1e9", "[", "\\ud800", "+999999999-01-01T00:00:00Z")
                .run(LogLine::decode);
    }

    @Test
    void addressesOfSyslog() {
        Fuzzer.of("syslog address")
                .examples("tcp+tls://a.b:514", "unix:///dev/log", "udp://[::1]:99")
                .words("://", ":", "[", "]", "%25", "@", "?")
                .refusesBy(LogDriverException.class)
                .runText(SyslogAddress::parse);
    }

    @Test
    void tags() {
        LogInfo info = new LogInfo(
                "0123456789abcdef",
                "name",
                "sh",
                List.of("-c"),
                "sha256:0123456789abcdef",
                "image",
                Instant.EPOCH,
                List.of(),
                Map.of("a", "b"),
                Path.of("/"));
        Fuzzer.of("log tag")
                .examples("{{.ID}}-{{ .Name }}", "{{- index .ContainerLabels \"a\" -}}", "{{.ImageID}}{{.Command}}")
                .words("{{", "}}", "                ", "-", "index", "{{ {{", "\n")
                .refusesBy(LogDriverException.class)
                .runText(text -> LogTag.of(text, info));
    }

    @Test
    void numbers() {
        Fuzzer.of("log options")
                .examples("10m", "-1", "1.5 kib", "7")
                .words("k", "b", "ib", ".", " ")
                .refusesBy(LogDriverException.class)
                .runText(text -> {
                    FileSettings.of(new LogOptions(Map.of("max-size", text)), "", FileSettings.LOCAL);
                    FileSettings.of(new LogOptions(Map.of("max-file", text)), "", FileSettings.LOCAL);
                });
    }
}
