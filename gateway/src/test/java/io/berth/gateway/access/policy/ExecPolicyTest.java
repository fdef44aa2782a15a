package io.berth.gateway.access.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ExecPolicyTest {
    private static ObjectNode body(String json) {
        return StrictJson.object(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8)));
    }

    /** As docker-py and docker-java write it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Container\":\"c\",\"User\":\"\",\"Privileged\":false,\"Tty\":false,\"Cmd\":[\"id\"],\"Environment\":null}",
                "{\"containerId\":\"c\",\"User\":\"\",\"PRIVILEGED\":false,\"tty\":false,\"cmd\":[\"id\"],\"x\":{\"y\":[1]}}"
            })
    void whatIsNotKnownIsPassedOver(String json) {
        ObjectNode body = body(json);
        ExecPolicy.create(body);
        assertThat(body).isEqualTo(body("{\"User\":\"\",\"Privileged\":false,\"Tty\":false,\"Cmd\":[\"id\"]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Cmd\":[\"id\"],\"Privileged\":true}",
                "{\"Cmd\":[\"id\"],\"privileged\":true}",
                "{\"Cmd\":[\"id\"],\"PriVileged\":\"true\"}",
                "{\"Cmd\":[\"id\"],\"Privileged\":1}"
            })
    void privilegesAreRefused(String json) {
        ObjectNode body = body(json);
        assertThatThrownBy(() -> ExecPolicy.create(body))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("Privileged");
    }

    @Test
    void aNameInTwoSpellingsIsRefused() {
        ObjectNode body = body("{\"Privileged\":false,\"privileged\":true}");
        assertThatThrownBy(() -> ExecPolicy.create(body)).hasMessageContaining("twice");
    }
}
