package io.berth.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/**
 * Compose, unmodified: each case is a stack whose check looks at what runs, from inside. See {@link ComposeCase}; cases of even number talk to the
 * daemon's socket, the others over TCP.
 *
 * <p>{@code -Dgolden.record=true} records, which is for a reference given by {@code -Dcompat.docker.host} and {@code -Dcompat.docker.pid}; {@code
 * -Dgolden.only=REGEX} takes the cases whose name has a match.
 */
@CompatTest
class ComposeIT {
    /** So many stacks at once: the client waits more than it works. */
    private static final int AT_ONCE = 4;

    private final Target target;
    private final Path root = Path.of(Objects.requireNonNull(System.getProperty("berth.root"), "berth.root is not set"))
            .resolve("tests/compat/src/test/resources/compose");

    ComposeIT(Target target) {
        this.target = target;
    }

    @TestFactory
    List<DynamicTest> cases() throws IOException {
        Predicate<String> only =
                Pattern.compile(System.getProperty("golden.only", "")).asPredicate();
        boolean recording = Boolean.getBoolean("golden.record");
        if (recording) {
            Files.writeString(
                    root.resolve("origin.json"), GoldenStore.pretty(new GoldenRunner(target).origin()) + "\n");
        }
        String before = everything();
        List<DynamicTest> tests = new ArrayList<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        try (Stream<ComposeCase> cases = ComposeCase.all(root).stream()) {
            ExecutorService stacks = Executors.newFixedThreadPool(AT_ONCE);
            cases.filter(stack -> only.test(stack.name())).forEach(stack -> {
                DockerCli docker = docker(all.size() % 2 == 0);
                CompletableFuture<Void> done =
                        CompletableFuture.runAsync(() -> check(stack, stack.run(docker), recording), stacks);
                all.add(done);
                tests.add(DynamicTest.dynamicTest(stack.name(), () -> await(done)));
            });
            stacks.shutdown();
        }
        tests.add(DynamicTest.dynamicTest("nothing is left of all of them", () -> {
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                    .exceptionally(failure -> null)
                    .join();
            assertThat(everything()).isEqualTo(before);
        }));
        return tests;
    }

    private DockerCli docker(boolean bySocket) {
        return bySocket || !target.isBerth()
                ? new DockerCli(
                        target.inNamespace(),
                        "unix://" + target.socket(),
                        target.scratch().resolve("docker-config"))
                : target.berth().dockerOverTcp();
    }

    /** Containers, networks, volumes and images that have a name. */
    private String everything() {
        return target.docker()
                .shell(
                        "docker ps -aq; docker network ls -q; docker volume ls -q; docker images --filter dangling=false --format '{{.Repository}}:{{.Tag}}'")
                .ok();
    }

    private static void await(CompletableFuture<Void> done) throws Throwable {
        try {
            done.join();
        } catch (CompletionException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static void check(ComposeCase stack, JsonNode said, boolean recording) {
        try {
            String text = GoldenStore.pretty(said);
            if (recording) {
                Files.writeString(stack.golden(), text + "\n");
            } else {
                List<String> expected = Files.readAllLines(stack.golden());
                assertThat(text.lines().toList())
                        .as("what is in golden.json of " + stack.name())
                        .containsExactlyElementsOf(expected);
            }
        } catch (IOException e) {
            throw new AssertionError(stack.name() + " has not been recorded", e);
        }
    }
}
