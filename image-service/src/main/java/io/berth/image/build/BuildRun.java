package io.berth.image.build;

import io.berth.dockerfile.BuildChecks;
import io.berth.dockerfile.DeclaredArgs;
import io.berth.dockerfile.Dockerfile;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.Expansion;
import io.berth.dockerfile.GlobalArgs;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.Stage;
import io.berth.dockerfile.Warning;
import io.berth.image.layer.AdoptedLayer;
import io.berth.image.layer.Layer;
import io.berth.image.lease.Lease;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * One build: its stages side by side, each when what it needs is there, and only those that the target needs. Used once; what stages
 * share is thread-safe.
 */
final class BuildRun {
    private final BuildTools tools;
    private final BuildRequest request;
    private final BuildInput input;
    private final BuildListener listener;
    private final Dockerfile dockerfile;
    private final Lease lease;
    private final String runId = UUID.randomUUID().toString();
    private final Platform host = Platform.current();
    private final Platform platform;
    private final GlobalArgs globals;
    private final BuildChecks checks;
    private final Map<Integer, CompletableFuture<Built>> stages = new TreeMap<>();
    private final Map<Integer, BuildChecks.StageChecks> memories = Collections.synchronizedMap(new TreeMap<>());
    private final StageNames names;
    private final StepResults results;
    private final CacheMountUse cacheMounts;
    private final BuildSources sources = new BuildSources(this);
    private final UnusedArguments unused = new UnusedArguments();
    private final Set<Warning> warned = new HashSet<>();

    /** A stage that is done. */
    private record Built(StageState state) {}

    BuildRun(
            BuildTools tools,
            BuildRequest request,
            BuildInput input,
            BuildListener listener,
            Dockerfile dockerfile,
            Lease lease) {
        this.tools = tools;
        this.request = request;
        this.input = input;
        this.listener = listener;
        this.dockerfile = dockerfile;
        this.lease = lease;
        this.platform = request.platform() == null ? host : request.platform();
        Map<String, String> automatic = GlobalArgs.automatic(
                platform.toString(), host.toString(), request.target() == null ? "default" : request.target());
        this.globals =
                GlobalArgs.evaluate(automatic, dockerfile.globalArgs(), request.buildArgs(), dockerfile.expansion());
        this.names = new StageNames(dockerfile, input, globals);
        this.results = new StepResults(tools, request, input, lease);
        this.cacheMounts =
                new CacheMountUse(tools.cacheMounts(), results, request.caller().project());
        this.checks = new BuildChecks(dockerfile, dockerfile.directives().checks());
    }

    BuildTools tools() {
        return tools;
    }

    BuildRequest request() {
        return request;
    }

    BuildInput input() {
        return input;
    }

    BuildListener listener() {
        return listener;
    }

    StepResults results() {
        return results;
    }

    Dockerfile dockerfile() {
        return dockerfile;
    }

    GlobalArgs globals() {
        return globals;
    }

    Lease lease() {
        return lease;
    }

    /** Of the image. */
    Platform platform() {
        return platform;
    }

    CacheMountUse cacheMounts() {
        return cacheMounts;
    }

    BuildSources sources() {
        return sources;
    }

    /** Builds; the layers are held by the lease. */
    BuiltImage build() throws IOException, InterruptedException {
        checks.from(globals);
        synchronized (this) {
            warn();
        }
        Stage target = dockerfile.target(request.target() == null ? "" : request.target());
        Set<Integer> needed = names.needed(target);
        sources.needs(ContextPaths.of(dockerfile, needed));
        List<BuildListener.StageOutline> outlines = new ArrayList<>();
        for (Stage stage : dockerfile.stages()) {
            if (needed.contains(stage.index())) {
                outlines.add(outline(stage));
            }
        }
        listener.stages(outlines);
        try (results;
                ExecutorService threads = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().name("build-", 0).factory())) {
            try {
                needed.forEach(index -> stages.put(index, new CompletableFuture<>()));
                needed.forEach(
                        index -> threads.execute(() -> run(dockerfile.stages().get(index), threads)));
                BuiltImage image = assemble(built(target.index()));
                List<String> inVain = unused.of(request.buildArgs(), dockerfile, globals);
                if (!inVain.isEmpty()) {
                    listener.unusedArguments(inVain);
                }
                return image;
            } finally {
                List<Runnable> _ = threads.shutdownNow();
            }
        }
    }

    private static BuildListener.StageOutline outline(Stage stage) {
        int files = (int) stage.instructions().stream()
                .filter(instruction -> instruction instanceof Instruction.Run
                        || instruction instanceof Instruction.Copy
                        || instruction instanceof Instruction.Add
                        || instruction instanceof Instruction.Workdir)
                .count();
        return new BuildListener.StageOutline(
                stage.index(), stage.name(), stage.instructions().size() + 1, files + 1);
    }

    private void run(Stage stage, ExecutorService threads) {
        CompletableFuture<Built> future = future(stage.index());
        try {
            boolean _ = future.complete(new Built(begin(stage)));
        } catch (InterruptedException e) {
            boolean _ = future.completeExceptionally(e);
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            boolean _ = future.completeExceptionally(e);
            // The first failure ends the build, and with it what its other stages are doing.
            stages.values().forEach(other -> other.completeExceptionally(e));
            List<Runnable> _ = threads.shutdownNow();
        }
    }

    private StageState begin(Stage stage) throws IOException, InterruptedException {
        try {
            return build(stage);
        } catch (DockerfileException e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), 0, e.lines(), e);
        }
    }

    private StageState build(Stage stage) throws IOException, InterruptedException {
        Instruction.From from = stage.from();
        Expansion expansion = dockerfile.expansion();
        String name = expansion.word(from.base(), globals).text();
        if (name.isEmpty()) {
            throw new BuildFailure("base name (" + from.base() + ") should not be blank", 0, from.lines(), null);
        }
        Optional<Stage> other = names.base(name, stage);
        BuildChecks.StageChecks memory;
        StageState state;
        List<String> triggers = List.of();
        if (other.isPresent()) {
            StageState base = built(other.get().index());
            triggers = base.settings().triggers();
            state = base.child();
            BuildChecks.StageChecks known = memories.get(other.get().index());
            memory = known == null ? checks.stage() : known.child();
        } else {
            memory = checks.stage();
            state = sources.begin(stage, name);
            List<String> inherited = state.base().execution().onBuild();
            triggers = inherited == null ? List.of() : inherited;
            if (!triggers.isEmpty()) {
                sources.needs(ContextPaths.ALL);
            }
        }
        if (request.makesAgain(stage)) {
            state.remake();
        }
        new StageBuild(this, stage, state, memory).build(triggers);
        memories.put(stage.index(), memory);
        unused.stage(state.scope());
        return state;
    }

    private CompletableFuture<Built> future(int index) {
        return Objects.requireNonNull(stages.get(index));
    }

    private StageState built(int index) throws IOException, InterruptedException {
        try {
            return future(index).get().state();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case InterruptedException interrupted -> throw interrupted;
                case IOException io -> throw io;
                case RuntimeException unchecked -> throw unchecked;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /** The files that COPY --from or a mount names. */
    RunMounts.Origin origin(Stage stage, @Nullable String from) throws IOException, InterruptedException {
        if (from == null) {
            return sources.context();
        }
        Optional<RunMounts.Origin> named = sources.named(from);
        if (named.isPresent()) {
            return named.get();
        }
        Optional<Stage> other = names.source(from, stage);
        if (other.isPresent()) {
            if (!stages.containsKey(other.get().index())) {
                throw new BuildFailure("stage " + from + " is named by a variable that is not known before the build");
            }
            StageState state = built(other.get().index());
            return new RunMounts.Origin(null, state.directories(), state.origin(), state.remade());
        }
        if (from.equals("scratch")) {
            return new RunMounts.Origin(null, List.of(), "scratch", false);
        }
        return sources.image(from);
    }

    /** @throws BuildFailure unless the client has given this away */
    void entitled(String entitlement) {
        if (!request.entitlements().contains(entitlement)) {
            throw new BuildFailure(entitlement + " is not allowed");
        }
    }

    Digest stepId(int stage, int number) {
        return StepKey.of("step", List.of(runId, Integer.toString(stage), Integer.toString(number)));
    }

    /** Of a step that belongs to no stage. */
    Digest stepId(String kind, String name) {
        return StepKey.of(kind, List.of(runId, name));
    }

    synchronized void check(
            BuildChecks.StageChecks memory, Expansion.Expanded<Instruction> expanded, StageState state) {
        memory.instruction(expanded, state.scope(), state.settings().hasShell());
        warn();
    }

    synchronized void declared(
            BuildChecks.StageChecks memory, Instruction.Arg arg, DeclaredArgs declared, StageState state) {
        memory.declared(arg, declared, state.scope());
        warn();
    }

    private void warn() {
        List<Warning> all = checks.warnings();
        all.stream().filter(warned::add).forEach(listener::warning);
    }

    private BuiltImage assemble(StageState state) throws InterruptedException {
        List<Layer> layers = new ArrayList<>();
        for (AdoptedLayer layer : state.layers()) {
            layers.add(StepResults.known(layer));
        }
        request.labels().forEach(state.settings()::label);
        ImageConfig config = state.settings()
                .config(
                        state.base(),
                        state.scope().imageEnvironment(),
                        new ImageConfig.RootFs(
                                "layers", layers.stream().map(Layer::diffId).toList()),
                        results.now(),
                        request.sourceDateEpoch() != null);
        if (checks.failure().isPresent()) {
            throw new BuildFailure(checks.failure().get());
        }
        return new BuiltImage(
                lease,
                config,
                layers,
                checks.warnings(),
                StepResults.described(state.steps()),
                StepResults.described(results.steps()),
                sources.materials(),
                cacheMounts.all());
    }
}
