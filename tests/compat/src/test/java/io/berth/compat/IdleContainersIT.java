package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * What containers that do nothing cost the engine: a little of its heap, and no thread.
 *
 * <p>{@code -Didle.containers=500} is the full run.
 */
@CompatTest
@BerthOnly
class IdleContainersIT {
    private static final int CONTAINERS = Integer.getInteger("idle.containers", 50);
    private static final int AT_A_TIME = 4;

    /** As many as bring all threads to life that start containers. */
    private static final int WARM_UP = 40;

    private static final long MOST_HEAP = 100_000;

    private final Target target;

    IdleContainersIT(Target target) {
        this.target = target;
    }

    @Test
    void costLittle(TestReporter reporter) throws Exception {
        long engine = target.berth().pidOf("engine");
        remove(start(WARM_UP));
        LiveHeap heapBefore = LiveHeap.of(engine);
        int threadsBefore = threads(engine);

        List<String> ids = start(CONTAINERS);
        try {
            LiveHeap heap = LiveHeap.of(engine);
            int threads = threads(engine);
            long each = (heap.total() - heapBefore.total()) / CONTAINERS;
            reporter.publishEntry(Map.of(
                    "containers", Integer.toString(CONTAINERS),
                    "heap bytes per container", Long.toString(each),
                    "threads before and after", threadsBefore + " " + threads));
            assertThat(target.http().get("/containers/json").json().size()).isGreaterThanOrEqualTo(CONTAINERS);
            assertThat(each)
                    .as(() -> "live heap for one container; grown most: " + heap.grown(heapBefore))
                    .isLessThan(MOST_HEAP);
            assertThat(threads).as("threads of the engine").isLessThan(threadsBefore + CONTAINERS / 2);
        } finally {
            remove(ids);
        }
    }

    private List<String> start(int number) throws Exception {
        return inParallel(number, () -> {
            String id = target.http()
                    .post("/containers/create", "{\"Image\":\"" + Target.IMAGE + "\",\"Cmd\":[\"sleep\",\"1000000\"]}")
                    .json()
                    .get("Id")
                    .asString();
            assertThat(target.http().post("/containers/" + id + "/start", "").status())
                    .isEqualTo(204);
            return id;
        });
    }

    private void remove(List<String> ids) throws Exception {
        List<String> left = new ArrayList<>(ids);
        List<String> _ = inParallel(ids.size(), () -> {
            String id;
            synchronized (left) {
                id = left.removeLast();
            }
            assertThat(target.http()
                            .send("DELETE", "/containers/" + id + "?force=1", Map.of(), new byte[0])
                            .status())
                    .isEqualTo(204);
            return id;
        });
    }

    private static List<String> inParallel(int number, java.util.concurrent.Callable<String> work) throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<String>> results = new ArrayList<>();
            for (int i = 0; i < number; i++) {
                results.add(workers.submit(work));
            }
            List<String> all = new ArrayList<>();
            for (Future<String> result : results) {
                all.add(result.get());
            }
            return all;
        }
    }

    private static int threads(long pid) {
        try (var tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return (int) tasks.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
