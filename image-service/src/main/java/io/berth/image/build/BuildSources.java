package io.berth.image.build;

import io.berth.dockerfile.ArgScope;
import io.berth.dockerfile.Dialect;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.Stage;
import io.berth.image.layer.AdoptedLayer;
import io.berth.image.layer.Layer;
import io.berth.image.store.Image;
import io.berth.oci.Digest;
import io.berth.oci.ImageConfig;
import io.berth.oci.ImageConfig.Execution;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of one build take from outside of it: images that they begin with or copy from, and contexts. Remembers what that
 * was. Thread-safe.
 */
final class BuildSources {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final BuildRun run;
    private final Set<Material> materials = new ConcurrentSkipListSet<>();
    private volatile ContextPaths needed = ContextPaths.ALL;

    BuildSources(BuildRun run) {
        this.run = run;
    }

    /** What the build was made of so far. */
    List<Material> materials() {
        return List.copyOf(materials);
    }

    void took(Material material) {
        boolean _ = materials.add(material);
    }

    /**
     * Where a stage stands before its first instruction.
     *
     * @param name of its base, which is no other stage
     */
    StageState begin(Stage stage, String name) throws IOException, InterruptedException {
        if (name.equals("scratch") && run.input().named(name).isEmpty()) {
            return scratch();
        }
        return of(image(stage, name, wantedPlatform(stage.from())), run.stepId(stage.index(), 1));
    }

    private @Nullable Platform wantedPlatform(Instruction.From from) {
        if (from.platform() == null) {
            return run.request().platform();
        }
        String text = run.dockerfile()
                .expansion()
                .word(from.platform(), run.globals())
                .text();
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BuildFailure("failed to parse platform " + text + ": " + e.getMessage(), 0, from.lines(), e);
        }
    }

    /** The image that a stage begins with, with a step of its own for the listener. */
    private Image image(Stage stage, String base, @Nullable Platform wanted) throws IOException, InterruptedException {
        Optional<BuildInput.NamedContext> named = run.input().named(base);
        String name = imageName(base, named);
        BuildListener.Progress progress = run.listener()
                .begin(new BuildListener.Step(
                        run.stepId(stage.index(), 1), stage.index(), 1, 1, "FROM " + name, List.of()));
        try {
            progress.running();
            Image image = named.isPresent() && named.get() instanceof BuildInput.NamedContext.Brought brought
                    ? fetch(brought, wanted)
                    : find(name, wanted, progress);
            progress.done(image.id().shortHex());
            return image;
        } catch (BuildFailure e) {
            progress.failed(e.text());
            throw e.at(stage.from().lines());
        }
    }

    private static String imageName(String base, Optional<BuildInput.NamedContext> named) {
        if (named.isEmpty()) {
            return base;
        }
        return switch (named.get()) {
            case BuildInput.NamedContext.FromImage(String reference) -> reference;
            case BuildInput.NamedContext.Brought(String address, ImageSource _) -> address;
            case BuildInput.NamedContext.Files _ ->
                throw new BuildFailure("a directory cannot be a base image: " + base);
            case BuildInput.NamedContext.Unsupported(String address) ->
                throw new BuildFailure("unsupported context source " + address + " for " + base);
        };
    }

    private Image find(String name, @Nullable Platform wanted, BuildListener.Progress progress) {
        Image image = run.tools().baseImages().find(run.lease(), name, wanted, run.request(), progress);
        took(material(name, image));
        return image;
    }

    private Image fetch(BuildInput.NamedContext.Brought brought, @Nullable Platform wanted)
            throws IOException, InterruptedException {
        Image image = brought.source().fetch(run.lease(), wanted);
        took(Material.file(brought.address(), image.manifest().digest()));
        return image;
    }

    /** By the digest that its registry knows, where it came from one. */
    private static Material material(String name, Image image) {
        ImageReference reference;
        try {
            reference = ImageReference.parse(name);
        } catch (IllegalArgumentException e) {
            return new Material(
                    "pkg:docker/" + name, image.id().algorithm(), image.id().hex());
        }
        ImageReference repository = reference.repository();
        Digest digest = image.digests().stream()
                .filter(known -> known.repository().equals(repository))
                .findFirst()
                .flatMap(ImageReference::digestIfPresent)
                .orElse(image.manifest().digest());
        return new Material(
                PackageUrl.image(
                        reference.digest() == null ? reference.withDefaultTag() : reference,
                        image.config().platform()),
                digest.algorithm(),
                digest.hex());
    }

    private StageState scratch() {
        ImageConfig base = new ImageConfig(
                null,
                null,
                run.platform().architecture(),
                run.platform().variant(),
                run.platform().os(),
                null,
                null,
                null,
                new ImageConfig.RootFs("layers", List.of()),
                null,
                null,
                null);
        return new StageState(
                base,
                List.of(),
                scope(List.of(PATH)),
                new ImageSettings(Execution.EMPTY, List.of(), null),
                keyOf(List.of()),
                run.stepId(-1, 0));
    }

    private ArgScope scope(List<String> environment) {
        return new ArgScope(
                run.globals(),
                run.request().buildArgs(),
                environment,
                run.dockerfile().expansion(),
                Dialect.BUILDKIT);
    }

    private StageState of(Image image, Digest step) {
        Execution execution = image.config().execution();
        List<ImageConfig.History> history = image.config().history();
        return new StageState(
                image.config(),
                layersOf(image).stream().map(AdoptedLayer::of).toList(),
                scope(execution.env() == null ? List.of() : execution.env()),
                new ImageSettings(
                        execution,
                        history == null ? List.of() : history,
                        image.config().author()),
                keyOf(image.diffIds()),
                step);
    }

    /**
     * Of what a stage begins with. Files of a build with a time of its own are not those of another. What a project's steps
     * have made is in its own builds alone: a step's key does not have in it all that has an effect, such as secrets.
     */
    private Digest keyOf(List<Digest> diffIds) {
        List<String> parts =
                new ArrayList<>(diffIds.stream().map(Digest::toString).toList());
        if (run.request().sourceDateEpoch() != null) {
            parts.add(run.request().sourceDateEpoch().toString());
        }
        String project = run.request().caller().project();
        if (!project.isEmpty()) {
            parts.add("project " + project);
        }
        return StepKey.of("image", parts);
    }

    private List<Layer> layersOf(Image image) {
        return image.diffIds().stream()
                .map(diffId -> run.tools()
                        .layers()
                        .find(diffId)
                        .orElseThrow(() -> new BuildFailure("layer " + diffId + " of the base image is missing")))
                .toList();
    }

    /** The main context's files, at least those that were {@linkplain #needs said} to be needed. */
    RunMounts.Origin context() throws IOException, InterruptedException {
        return RunMounts.Origin.of(run.input().context(needed).root());
    }

    /** From now on the build may look for these files of the context. */
    void needs(ContextPaths paths) {
        needed = paths;
    }

    /** The files of a context that has a name, if there is such a one. */
    Optional<RunMounts.Origin> named(String name) throws IOException, InterruptedException {
        Optional<BuildInput.NamedContext> named = run.input().named(name);
        if (named.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (named.get()) {
                    case BuildInput.NamedContext.Files(BuildInput.Context context) ->
                        RunMounts.Origin.of(context.root());
                    case BuildInput.NamedContext.FromImage(String reference) -> image(reference);
                    case BuildInput.NamedContext.Brought brought ->
                        image(
                                brought.address(),
                                _ -> fetch(brought, run.request().platform()));
                    case BuildInput.NamedContext.Unsupported(String address) ->
                        throw new BuildFailure("unsupported context source " + address + " for " + name);
                });
    }

    /** The files of an image, with a step of its own for the listener. */
    RunMounts.Origin image(String reference) throws IOException, InterruptedException {
        return image(reference, progress -> find(reference, run.request().platform(), progress));
    }

    /** Finds an image. */
    @FunctionalInterface
    private interface Search {
        Image find(BuildListener.Progress progress) throws IOException, InterruptedException;
    }

    private RunMounts.Origin image(String reference, Search search) throws IOException, InterruptedException {
        BuildListener.Progress progress = run.listener()
                .begin(new BuildListener.Step(
                        run.stepId("image-step", reference), -1, 1, 1, "FROM " + reference, List.of()));
        try {
            progress.running();
            Image image = search.find(progress);
            progress.done(image.id().shortHex());
            return new RunMounts.Origin(
                    null,
                    layersOf(image).stream().map(Layer::directory).toList(),
                    keyOf(image.diffIds()).toString(),
                    false);
        } catch (BuildFailure e) {
            progress.failed(e.text());
            throw e;
        }
    }
}
