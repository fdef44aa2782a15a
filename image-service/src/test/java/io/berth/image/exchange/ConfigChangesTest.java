package io.berth.image.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.oci.ImageConfig.Execution;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigChangesTest {
    @Test
    void appliesEachInstruction() {
        Execution config = ConfigChanges.apply(List.of(
                "CMD [\"sh\", \"-c\", \"x\"]",
                "entrypoint run it",
                "ENV A=1 B=\"two words\" C='$x' D=a\\ b",
                "ENV OLD some value",
                "ENV A=2",
                "EXPOSE 80 53/udp 8000-8002",
                "LABEL a.b=c\nLABEL d=e",
                "USER 1000:1000",
                "VOLUME [\"/data\"]",
                "VOLUME /x /y",
                "WORKDIR /srv",
                "WORKDIR app",
                "STOPSIGNAL SIGINT",
                "HEALTHCHECK CMD true",
                "ONBUILD RUN x"));
        assertThat(config.cmd()).containsExactly("sh", "-c", "x");
        assertThat(config.entrypoint()).containsExactly("/bin/sh", "-c", "run it");
        assertThat(config.env()).containsExactly("A=2", "B=two words", "C=$x", "D=a b", "OLD=some value");
        assertThat(config.exposedPorts()).containsOnlyKeys("80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp");
        assertThat(config.labels()).containsEntry("a.b", "c").containsEntry("d", "e");
        assertThat(config.user()).isEqualTo("1000:1000");
        assertThat(config.volumes()).containsOnlyKeys("/data", "/x", "/y");
        assertThat(config.workingDir()).isEqualTo("/srv/app");
        assertThat(config.stopSignal()).isEqualTo("SIGINT");
        assertThat(config.onBuild()).containsExactly("RUN x");
    }

    /** Escaped, quoted, of an older form, of another case: the label that comes out is what counts. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "LABEL io.berth.project=shop",
                "label io.be\\rth.project=shop",
                "LABEL \"io.ber\"th.project=shop",
                "LABEL 'io.berth.project'=shop",
                "LABEL \"io.berth.project=shop\"",
                "LABEL \\io.berth.project=shop",
                "LABEL io.berth.project shop",
                "LABEL a=b \\b\\e\\r\\t\\h.x=y",
                "USER a\nLABEL berth.x=y",
                "  LABEL\tio.ber''th.on-unhealthy=restart"
            })
    void refusesLabelsOfThePlatform(String instruction) {
        assertThatThrownBy(() -> ConfigChanges.apply(List.of(instruction))).isInstanceOf(Forbidden.class);
    }

    @Test
    void whatOnlyLooksLikeAPlatformLabelIsKept() {
        assertThat(ConfigChanges.apply(List.of("LABEL x=io.berth.project=shop", "LABEL berth=1", "CMD berth.sh"))
                        .labels())
                .containsOnlyKeys("x", "berth");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "RUN x",
                "FROM y",
                "ENV",
                "ENV A",
                "EXPOSE x",
                "EXPOSE 70000",
                "EXPOSE 80/icmp",
                "LABEL =x",
                "SHELL sh"
            })
    void refuses(String instruction) {
        assertThatThrownBy(() -> ConfigChanges.apply(List.of(instruction))).isInstanceOf(InvalidParameter.class);
    }
}
