package io.berth.image.build;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.Decompression;
import io.berth.archive.TarReader;
import io.berth.archive.TreeExtractor;
import io.berth.dockerfile.CopyFiles;
import io.berth.dockerfile.Heredoc;
import io.berth.dockerfile.IgnorePatterns;
import io.berth.dockerfile.Instruction;
import io.berth.dockerfile.Stage;
import io.berth.image.layer.AdoptedLayer;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileHandle;
import io.berth.linux.user.UserDatabase;
import io.berth.linux.user.UserDatabase.Owner;
import io.berth.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** COPY, ADD and WORKDIR: files are written into an overlay over what the stage has so far. Used by one thread. */
final class CopyStep {
    private static final int MAX_DATABASE_BYTES = 1 << 20;

    private final BuildRun run;
    private final Stage stage;
    private final StageState state;

    CopyStep(BuildRun run, Stage stage, StageState state) {
        this.run = run;
        this.stage = stage;
        this.state = state;
    }

    /**
     * What is written.
     *
     * @param link whether the layer does not depend on what is below it
     */
    private record Wanted(
            String history,
            String description,
            CopyFiles files,
            @Nullable String chown,
            @Nullable ModeChange mode,
            boolean link,
            boolean parents,
            boolean keepOwners,
            IgnorePatterns excludes) {}

    /** A tree that files are copied from, while they are. */
    private record Opened(
            RootTree tree, List<SourceFiles.Source> sources, SourceFiles files, boolean unpack, boolean keepOwners)
            implements AutoCloseable {
        @Override
        public void close() {
            tree.close();
        }
    }

    void copy(Instruction.Copy copy, BuildListener.Progress progress) throws IOException, InterruptedException {
        boolean stageFiles = copy.from() != null;
        Wanted wanted = new Wanted(
                "COPY " + shown(copy.files(), copy.chown(), copy.chmod()) + " # buildkit",
                copy.source(),
                copy.files(),
                copy.chown(),
                copy.chmod() == null ? null : ModeChange.parse(copy.chmod()),
                copy.link(),
                copy.parents(),
                stageFiles,
                IgnorePatterns.of(copy.excludes()));
        RunMounts.Origin origin = copy.files().sources().isEmpty() ? null : run.origin(stage, copy.from());
        // A stage or image whose files are known by key need not be read.
        Digest quick = origin == null || origin.key() == null ? null : quickKey(wanted, origin.key());
        Optional<Digest> known = quick == null || origin == null || origin.remade()
                ? Optional.empty()
                : run.tools().cache().meant(quick);
        if (known.isPresent()
                && run.results()
                        .cached(known.get(), state, wanted.history(), progress)
                        .isPresent()) {
            return;
        }
        List<Opened> opened = new ArrayList<>();
        try {
            if (origin != null) {
                opened.add(
                        open(origin, wanted, copy.files().sources(), false, stageFiles && origin.directory() == null));
            }
            write(wanted, opened, quick, progress);
        } finally {
            opened.forEach(Opened::close);
        }
    }

    void add(Instruction.Add add, BuildListener.Progress progress) throws IOException, InterruptedException {
        Wanted wanted = new Wanted(
                "ADD " + shown(add.files(), add.chown(), add.chmod()) + " # buildkit",
                add.source(),
                add.files(),
                add.chown(),
                add.chmod() == null ? null : ModeChange.parse(add.chmod()),
                add.link(),
                false,
                false,
                IgnorePatterns.of(add.excludes()));
        List<String> local = new ArrayList<>();
        List<Opened> opened = new ArrayList<>();
        Path fetched = run.tools().layers().stage();
        try {
            for (String source : add.files().sources()) {
                if (isRemote(source)) {
                    opened.add(fetch(add, wanted, source, fetched));
                } else {
                    local.add(source);
                }
            }
            if (!local.isEmpty()) {
                boolean unpack = add.unpack() == null || add.unpack();
                opened.add(open(run.origin(stage, null), wanted, local, unpack, false));
            }
            write(wanted, opened, null, progress);
        } finally {
            opened.forEach(Opened::close);
            run.tools().layers().discardStage(fetched);
        }
    }

    private boolean isRemote(String source) {
        return source.startsWith("http://")
                || source.startsWith("https://")
                || run.tools().sources().isRepository(source);
    }

    private Opened fetch(Instruction.Add add, Wanted wanted, String address, Path fetched)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(fetched, "add");
        RunMounts.Origin origin = RunMounts.Origin.of(directory);
        if (run.tools().sources().isRepository(address)) {
            String commit = run.tools()
                    .sources()
                    .fetchRepository(run.request().caller(), address, add.checksum(), add.keepGitDir(), directory);
            run.sources().took(Material.commit(address, commit));
            return open(origin, wanted, List.of("/"), false, false);
        }
        RemoteSources.File file =
                run.tools().sources().fetchFile(run.request().caller(), address, add.checksum(), directory);
        run.sources().took(Material.file(address, file.digest()));
        return open(origin, wanted, List.of(file.name()), Boolean.TRUE.equals(add.unpack()), false);
    }

    void workdir(String path, BuildListener.Progress progress) throws IOException, InterruptedException {
        String history = "WORKDIR " + path;
        if (path.equals("/")) {
            state.settings().record(history, true, null);
            return;
        }
        String user = state.settings().user();
        Digest key = new StepKey("workdir").add(state.key()).add(path).add(user).digest();
        if (run.results().cached(key, state, history, progress).isPresent()) {
            return;
        }
        Instant now = run.results().now();
        AdoptedLayer layer = inTree(
                state.directories(),
                tree -> new FileCopy(
                                tree.root(),
                                owner(user),
                                false,
                                null,
                                run.results().epoch())
                        .makeDirectories(SourceFiles.clean(path)));
        run.results().made(key, "WORKDIR " + path, state, layer, history, now);
    }

    private Opened open(
            RunMounts.Origin origin, Wanted wanted, List<String> sources, boolean unpack, boolean keepOwners) {
        Path directory = origin.directory();
        RootTree tree = directory == null
                ? RootTree.readOnly(origin.layers(), run.tools().data().empty())
                : RootTree.readOnly(List.of(), directory);
        try {
            SourceFiles files = new SourceFiles(tree.root(), wanted.excludes());
            List<SourceFiles.Source> found = new ArrayList<>();
            for (String source : sources) {
                found.addAll(files.find(source, wanted.parents()));
            }
            return new Opened(tree, found, files, unpack, keepOwners);
        } catch (RuntimeException e) {
            tree.close();
            throw e;
        }
    }

    private Digest quickKey(Wanted wanted, String originKey) {
        return described("copy-from", wanted)
                .add(originKey)
                .add(wanted.files().sources())
                .digest();
    }

    private StepKey described(String kind, Wanted wanted) {
        StepKey key = new StepKey(kind)
                .add(wanted.link() ? "" : state.key().toString())
                .add(destination(wanted))
                .add(String.valueOf(wanted.chown()))
                .add(String.valueOf(wanted.mode()))
                .add(wanted.parents())
                .add(wanted.description().contains("--exclude") ? wanted.description() : "");
        if (run.results().epoch() != null) {
            StepKey _ = key.add(String.valueOf(run.results().epoch()));
        }
        return key;
    }

    private void write(Wanted wanted, List<Opened> opened, @Nullable Digest quick, BuildListener.Progress progress)
            throws IOException, InterruptedException {
        StepKey key = described("copy", wanted);
        for (Opened one : opened) {
            ContentDigest digest =
                    new ContentDigest(one.keepOwners(), run.tools().fileDigests());
            one.sources().forEach(source -> digest.add(one.files(), source));
            StepKey _ = key.add(digest.digest()).add(one.unpack());
        }
        for (Heredoc document : wanted.files().documents()) {
            StepKey _ = key.add(document.name()).add(document.text());
        }
        Digest found = key.digest();
        Optional<AdoptedLayer> cached = run.results().cached(found, state, wanted.history(), progress);
        if (quick != null) {
            run.tools().cache().means(quick, found);
        }
        if (cached.isPresent()) {
            return;
        }
        Instant now = run.results().now();
        Owner owner = owner(wanted.chown());
        List<Path> below = wanted.link() ? List.of() : state.directories();
        AdoptedLayer layer = inTree(below, tree -> copyAll(wanted, opened, owner, tree));
        run.results().made(found, wanted.description(), state, layer, wanted.history(), now);
    }

    private void copyAll(Wanted wanted, List<Opened> opened, @Nullable Owner owner, RootTree tree) throws IOException {
        String destination = destination(wanted);
        String path = SourceFiles.clean(destination);
        boolean into = destination.endsWith("/") || destination.endsWith("/.");
        if (into) {
            new FileCopy(tree.root(), owner, false, null, run.results().epoch()).makeDirectories(path);
        }
        for (Opened one : opened) {
            FileCopy copy = new FileCopy(
                    tree.root(),
                    owner,
                    one.keepOwners(),
                    wanted.mode(),
                    run.results().epoch());
            for (SourceFiles.Source source : one.sources()) {
                if (!(one.unpack() && unpacked(one, source, tree, path, owner, copy))) {
                    copy.copy(one.files(), source, path, into || path.isEmpty());
                }
            }
        }
        FileCopy documents = new FileCopy(
                tree.root(), owner, false, wanted.mode(), run.results().epoch());
        for (Heredoc document : wanted.files().documents()) {
            boolean directory = into || documents.isDirectory(path);
            documents.write(
                    directory ? FileCopy.join(path, document.name()) : path,
                    document.text().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Whether a source is an archive, which has been unpacked then. */
    private static boolean unpacked(
            Opened from, SourceFiles.Source source, RootTree tree, String path, @Nullable Owner owner, FileCopy copy)
            throws IOException {
        if (!source.stat().isRegular() || !isArchive(from, source)) {
            return false;
        }
        copy.makeDirectories(path);
        try (FileHandle file = from.tree().root().openRegular(source.path());
                InputStream raw = new BufferedInputStream(file.inputStream());
                InputStream plain = Decompression.of(raw).stream();
                Directory target = path.isEmpty()
                        ? Directory.own(
                                tree.root().fd().duplicate(), tree.root().resolution())
                        : tree.root().openDirectory(path)) {
            TreeExtractor.Owner whose = owner == null ? null : new TreeExtractor.Owner(owner.uid(), owner.gid());
            new TreeExtractor(target, "", false, whose).extract(plain);
        } catch (ArchiveFormatException e) {
            throw new BuildFailure("cannot unpack " + source.path() + ": " + e.getMessage(), e);
        }
        return true;
    }

    private static boolean isArchive(Opened from, SourceFiles.Source source) {
        try (FileHandle file = from.tree().root().openRegular(source.path());
                InputStream raw = new BufferedInputStream(file.inputStream());
                InputStream plain = Decompression.of(raw).stream()) {
            return new TarReader(plain).next().isPresent();
        } catch (IOException e) {
            return false; // some other file
        }
    }

    /** Something that is done in an overlay. */
    @FunctionalInterface
    private interface InTree {
        void write(RootTree tree) throws IOException;
    }

    private AdoptedLayer inTree(List<Path> below, InTree writer) throws IOException {
        Path directory = run.tools().layers().stage();
        try {
            try (RootTree tree = RootTree.writable(below, directory)) {
                writer.write(tree);
            }
            return run.results().adopt(RootTree.upper(directory));
        } finally {
            run.tools().layers().discardStage(directory);
        }
    }

    private @Nullable Owner owner(@Nullable String chown) {
        if (chown == null || chown.isEmpty()) {
            return null;
        }
        try (RootTree tree =
                RootTree.readOnly(state.directories(), run.tools().data().empty())) {
            return new UserDatabase(text(tree, "etc/passwd"), text(tree, "etc/group")).owner(chown);
        } catch (UserDatabase.InvalidUser e) {
            throw new BuildFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(RootTree tree, String path) {
        try {
            return new String(tree.root().readRegular(path, MAX_DATABASE_BYTES), StandardCharsets.UTF_8);
        } catch (io.berth.linux.SyscallException e) {
            return "";
        }
    }

    private String destination(Wanted wanted) {
        String written = wanted.files().destination();
        return written.startsWith("/") ? written : state.settings().workingDir() + "/" + written;
    }

    private static String shown(CopyFiles files, @Nullable String chown, @Nullable String chmod) {
        List<String> words = new ArrayList<>();
        if (chown != null) {
            words.add("--chown=" + chown);
        }
        if (chmod != null) {
            words.add("--chmod=" + chmod);
        }
        words.addAll(files.sources());
        files.documents().forEach(document -> words.add("<<" + document.name()));
        words.add(files.destination());
        return String.join(" ", words);
    }
}
