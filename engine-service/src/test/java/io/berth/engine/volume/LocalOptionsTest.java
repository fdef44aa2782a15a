package io.berth.engine.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LocalOptionsTest {
    @Test
    void noneIsAPlainDirectory() {
        assertThat(LocalOptions.parse(null).needsMount()).isFalse();
        assertThat(LocalOptions.parse(Map.of()).owner()).isEqualTo(LocalOptions.Owner.UNCHANGED);
        assertThat(LocalOptions.parse(Map.of("size", "0")).needsMount()).isFalse();
    }

    @Test
    void aFileSystemIsMounted() {
        LocalOptions options =
                LocalOptions.parse(Map.of("type", "tmpfs", "device", "tmpfs", "o", "size=100m,uid=1000"));
        assertThat(options.needsMount()).isTrue();
        assertThat(options.mountOptions()).containsExactly("size=100m", "uid=1000");
        assertThat(options.owner()).isEqualTo(LocalOptions.Owner.UNCHANGED);
    }

    @Test
    void aPlainDirectoryMayHaveAnOwner() {
        LocalOptions options = LocalOptions.parse(Map.of("o", "uid=1000,gid=1001,mode=0750"));
        assertThat(options.needsMount()).isFalse();
        assertThat(LocalOptions.parse(Map.of("size", "10M", "o", "mode=700")).sizeBytes())
                .isEqualTo(10 << 20);
        assertThat(options.owner()).isEqualTo(new LocalOptions.Owner(1000L, 1001L, 0750));
        refused(Map.of("o", "uid=4294967295"), "invalid option: \"uid=4294967295\"");
    }

    @Test
    void wrongOptionsAreRefusedInDockersWords() {
        refused(Map.of("x", "y"), "invalid option: \"x\"");
        refused(Map.of("type", "tmpfs"), "missing required option: \"device\"");
        refused(Map.of("device", "tmpfs"), "missing required option: \"type\"");
        refused(Map.of("o", "size=1m"), "missing required option: \"device\"");
        refused(Map.of("size", "10M", "type", "tmpfs", "device", "tmpfs"), "quota size requested but no quota support");
        refused(Map.of("size", "big"), "invalid size: 'big'");
        refused(
                Map.of("type", "cifs", "device", "cifs://host:445/x"),
                "port not allowed in CIFS device URL, include 'port' in 'o='");
    }

    private static void refused(Map<String, String> options, String message) {
        assertThatThrownBy(() -> LocalOptions.parse(options))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(message);
    }
}
