package io.berth.gateway.access.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.docker.error.ApiException;
import io.berth.fuzz.Fuzzer;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Bodies of developers' requests; what is taken is taken as well when it is written out and read again. */
class PolicyFuzzTest {
    private static Fuzzer fuzzer(String name) {
        return Fuzzer.of(name)
                .words("null", "[]", "{}", "\"\"", "1e9", "1e999999999", "true", "{\"a\":", "[", "\\ud800", "\\u0000")
                .words("\"privileged\":true", "\"Privileged\":0,", "\"HostConfig\":", "\"Binds\":", "/var", "host")
                .refusesBy(ApiException.class);
    }

    private static void judge(byte[] body, Consumer<ObjectNode> policy) {
        ObjectNode judged = StrictJson.object(ByteBuffer.wrap(body));
        policy.accept(judged);
        ObjectNode again = StrictJson.object(StrictJson.bytes(judged));
        policy.accept(again);
        assertThat(again).isEqualTo(judged);
    }

    @Test
    void containers() {
        fuzzer("create request")
                .examples(
                        "{\"Image\":\"a\",\"Cmd\":[\"b\"],\"Env\":[\"A=b\"],\"Labels\":{\"x\":\"y\"},\"HostConfig\":"
                                + "{\"Binds\":[\"v:/v\"],\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]},"
                                + "\"NetworkMode\":\"shop\",\"Memory\":1,\"SecurityOpt\":[\"no-new-privileges\"]}}",
                        "{\"image\":\"a\",\"hostconfig\":{\"mounts\":[{\"type\":\"tmpfs\",\"target\":\"/t\"}],\"capadd\":[\"CHOWN\"],"
                                + "\"Links\":[\"a:b\"],\"VolumesFrom\":[\"c\"],\"Devices\":[{\"PathOnHost\":\"/dev/fuse\"}]},"
                                + "\"NetworkingConfig\":{\"EndpointsConfig\":{\"shop\":{\"Aliases\":[\"a\"]}}}}")
                .run(body -> judge(body, tree -> new ContainerPolicy("shop", Policy.STRICTEST).create(tree)));
    }

    @Test
    void updates() {
        fuzzer("update request")
                .examples("{\"Memory\":1,\"RestartPolicy\":{\"Name\":\"always\"}}")
                .run(body -> judge(body, tree -> new ContainerPolicy("shop", Policy.STRICTEST).update(tree)));
    }

    @Test
    void networksAndVolumes() {
        fuzzer("network request")
                .examples(
                        "{\"Name\":\"n\",\"Driver\":\"bridge\",\"IPAM\":{\"Config\":[{\"Subnet\":\"10.0.0.0/24\"}]}}",
                        "{\"Name\":\"v\",\"Driver\":\"local\",\"DriverOpts\":{\"type\":\"tmpfs\"},\"Labels\":{\"a\":\"b\"}}")
                .run(body -> {
                    try {
                        judge(body, tree -> NetworkPolicy.create(tree, "shop"));
                    } catch (ApiException e) {
                        judge(body, tree -> VolumePolicy.create(tree, "shop"));
                    }
                });
    }
}
