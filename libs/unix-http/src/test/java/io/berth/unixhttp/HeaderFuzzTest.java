package io.berth.unixhttp;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Headers by which services follow and know who calls. */
class HeaderFuzzTest {
    @Test
    void traces() {
        Fuzzer.of("traceparent")
                .examples("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                .words("-", "00", "ff")
                .runText(text -> {
                    TraceContext trace = TraceContext.parse(text);
                    assertThat(trace == null ? null : TraceContext.parse(trace.header()))
                            .isEqualTo(trace);
                });
    }

    @Test
    void identities() {
        Fuzzer.of("identity")
                .examples(
                        "name=alice;role=developer;projects=shop,web;source=TOKEN;credential=7",
                        "name=;role=viewer;projects=;hidden=a,b;source=OPEN;credential=0")
                .words(";", "=", ",", "role=", "operator")
                .refusesBy(IllegalArgumentException.class)
                .runText(CallerIdentity::parse);
    }
}
