package io.berth.engine.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.error.InvalidParameter;
import io.berth.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Mounts of requests. */
class MountFuzzTest {
    private final MountParser parser = new MountParser(_ -> true);

    @Test
    void binds() {
        Fuzzer.of("bind")
                .examples("/a:/b", "name:/b:ro,nocopy", "/c", "/a:/b:rslave,z")
                .words(":", "/", "..", "ro", "nocopy", "shared", "\\", "\0")
                .refusesBy(InvalidParameter.class)
                .runText(text -> {
                    ContainerMount mount = parser.bind(text, "");
                    assertThat(mount.destination()).startsWith("/").doesNotContain("/../", "\0");
                });
    }

    @Test
    void volumesFrom() {
        Fuzzer.of("volumes-from")
                .examples("web", "web:ro", "web:z,rw")
                .words(":", ",", "nocopy")
                .refusesBy(InvalidParameter.class)
                .runText(MountParser::volumesFrom);
    }
}
