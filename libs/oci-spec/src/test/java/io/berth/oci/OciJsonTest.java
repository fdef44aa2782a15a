package io.berth.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OciJsonTest {
    @Test
    void readsAndWritesAConfigWithTheSpecificationsNames() {
        String json = """
                {"created":"2015-10-31T22:22:56.015925234Z","architecture":"amd64","os":"linux",\
                "config":{"User":"alice","Env":["PATH=/bin"],"Cmd":["sh"],"Labels":{"a":"b"}},\
                "rootfs":{"type":"layers","diff_ids":["sha256:%s"]},\
                "history":[{"created_by":"ADD","empty_layer":true}]}""".formatted("c".repeat(64));
        ImageConfig config = OciJson.MAPPER.readValue(json, ImageConfig.class);
        assertThat(config.execution().user()).isEqualTo("alice");
        assertThat(config.rootfs().diffIds()).hasSize(1);
        assertThat(OciJson.MAPPER.readTree(OciJson.MAPPER.writeValueAsString(config)))
                .isEqualTo(OciJson.MAPPER.readTree(json));
    }

    @Test
    void readsAManifest() {
        String json = """
                {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
                 "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":1,"digest":"sha256:%1$s"},
                 "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":2,"digest":"sha256:%1$s"}]}""".formatted("d".repeat(64));
        Manifest manifest = OciJson.MAPPER.readValue(json, Manifest.class);
        assertThat(manifest.layers()).singleElement().satisfies(layer -> {
            assertThat(layer.size()).isEqualTo(2);
            assertThat(MediaType.layerCompression(layer.mediaType())).isEqualTo(MediaType.Compression.GZIP);
        });
        assertThat(OciJson.MAPPER.readTree(OciJson.MAPPER.writeValueAsString(manifest)))
                .isEqualTo(OciJson.MAPPER.readTree(json));
    }

    @Test
    void parsesPlatforms() {
        assertThat(Platform.parse("linux/arm64/v8")).isEqualTo(Platform.parse("aarch64"));
        assertThat(Platform.parse("linux/x86_64")).hasToString("linux/amd64");
        assertThat(Platform.of("linux", "arm64", "v8").serves(Platform.parse("linux/arm64")))
                .isTrue();
        assertThat(Platform.of("linux", "arm", "v6").serves(Platform.parse("linux/arm/v7")))
                .isFalse();
    }
}
