package io.berth.engine.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.engine.fixture.EngineFixture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessResourceFailureException;

/** Changes of containers that cannot be done, or cannot be recorded. */
class RespecificationTest {
    @TempDir
    Path directory;

    private static ContainerSnapshot without(ContainerSnapshot container) {
        return container.with(container
                .spec()
                .withNetworks(new LinkedHashMap<>(Map.of()), container.spec().given()));
    }

    @Test
    void whatCannotBeRecordedIsTakenBack() throws IOException {
        try (EngineFixture engine = new EngineFixture(directory)) {
            String id = engine.http()
                    .post("/containers/create", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\"]}")
                    .json()
                    .path("Id")
                    .asString();
            Container container = engine.bean(Containers.class).find(id);
            Respecification respecification = engine.bean(Respecification.class);
            ContainerSnapshot before = container.snapshot();
            List<String> done = new ArrayList<>();
            Runnable change = () -> respecification.change(
                    container,
                    without(before),
                    planned -> {
                        done.add("done");
                        return planned;
                    },
                    () -> done.add("undone"));

            engine.failing(List.of("update"));
            assertThatThrownBy(() -> container.exclusively(change))
                    .isInstanceOf(DataAccessResourceFailureException.class);
            assertThat(done).containsExactly("done", "undone");
            assertThat(container.snapshot()).isSameAs(before);

            engine.failing(List.of());
            container.exclusively(change);
            assertThat(done).containsExactly("done", "undone", "done");
            assertThat(container.snapshot()).isEqualTo(without(before));

            assertThatThrownBy(() -> container.exclusively(() -> respecification.change(
                            container,
                            before,
                            _ -> {
                                throw new ProcessEnded(id);
                            },
                            () -> done.add("undone"))))
                    .isInstanceOf(ProcessEnded.class);
            assertThat(done).hasSize(3);
            assertThat(container.snapshot()).isEqualTo(without(before));
        }
    }
}
