package io.berth.image.store;

import io.berth.docker.error.InvalidParameter;
import io.berth.fuzz.Fuzzer;
import io.berth.oci.ImageConfig;
import org.junit.jupiter.api.Test;

/** Configurations of images that somebody else made. */
class ConfigurationFuzzTest {
    @Test
    void configurations() {
        Fuzzer.of("image configuration")
                .examples("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":"
                        + "[\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"]},"
                        + "\"history\":[{\"created_by\":\"x\",\"empty_layer\":true}],"
                        + "\"config\":{\"Env\":[\"A=b\"],\"Labels\":{\"a\":null},\"ExposedPorts\":{\"80/tcp\":{}}}}")
                .words("null", "[]", "{}", "\"\"", "1e9", "1e999999999", "{\"a\":", "[", "\\ud800", "\"rootfs\":")
                .refusesBy(InvalidParameter.class)
                .run(input -> {
                    ImageConfig config = ImageStore.parseConfig(input);
                    config.execution();
                    config.platform();
                });
    }
}
