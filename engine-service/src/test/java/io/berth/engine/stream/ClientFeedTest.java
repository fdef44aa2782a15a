package io.berth.engine.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.InvalidParameter;
import io.berth.engine.runtime.ContainerProcess.Stream;
import io.berth.engine.stream.ClientFeed.Taken;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, unit = TimeUnit.SECONDS)
class ClientFeedTest {
    private static final byte[] BLOCK = new byte[256 * 1024];

    @Test
    void cutsOffAClientThatTakesNothing() throws Exception {
        OutputHub hub = new OutputHub(Duration.ofMillis(100));
        ClientFeed stalled = hub.attach(true, true);
        ClientFeed other = hub.attach(true, true);
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                while (!(other.take(Duration.ofSeconds(5)) instanceof Taken.End)) {
                    Thread.onSpinWait();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        for (int i = 0; i < 20; i++) {
            hub.output(Stream.STDOUT, BLOCK);
        }
        hub.finish();
        reader.join();
        assertThat(stalled.take(Duration.ZERO)).isInstanceOf(Taken.End.class);
    }

    @Test
    void passesOnlyTheWantedStream() throws Exception {
        OutputHub hub = new OutputHub();
        ClientFeed errors = hub.attach(false, true);
        hub.output(Stream.STDOUT, new byte[] {1});
        hub.output(Stream.STDERR, new byte[] {2});
        hub.finish();
        assertThat(errors.take(Duration.ZERO))
                .isInstanceOfSatisfying(
                        Taken.Output.class,
                        taken -> assertThat(taken.chunk().content()).containsExactly(2));
        assertThat(errors.take(Duration.ZERO)).isInstanceOf(Taken.End.class);
    }

    @Test
    void findsDetachKeys() {
        DetachKeys keys = DetachKeys.parse("", "detach");
        assertThat(look(keys, "ab\u0010")).isEqualTo("ab-false");
        assertThat(look(keys, "c")).isEqualTo("\u0010c-false");
        assertThat(look(keys, "d\u0010\u0011e")).isEqualTo("d-true");
        assertThat(look(DetachKeys.parse("x", "detach"), "ax")).isEqualTo("a-true");
        assertThat(look(DetachKeys.parse("ctrl-@,ctrl-_", "detach"), "\u0000\u001f"))
                .isEqualTo("-true");
        assertThatThrownBy(() -> DetachKeys.parse("ctrl-é", "detach")).isInstanceOf(InvalidParameter.class);
    }

    private static String look(DetachKeys keys, String input) {
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        DetachKeys.Seen seen = keys.look(bytes, bytes.length);
        return new String(seen.pass(), StandardCharsets.UTF_8) + "-" + seen.detached();
    }
}
