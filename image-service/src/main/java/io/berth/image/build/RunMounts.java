package io.berth.image.build;

import io.berth.dockerfile.IgnorePatterns;
import io.berth.dockerfile.RunMount;
import io.berth.image.cache.CacheMounts.CacheMount;
import io.berth.linux.fd.Directory;
import io.berth.linux.fd.FileStat;
import io.berth.linux.fd.TreeCopy;
import io.berth.node.BuildStep.StepMount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of one RUN: what of them counts for its key, and what the engine is told. Closing it gives back caches, agents and
 * copies. Used by one thread.
 */
final class RunMounts implements AutoCloseable {
    private static final int SECRET_MODE = 0400;
    private static final int CACHE_MODE = 0755;
    private static final int AGENT_MODE = 0600;

    private final BuildTools tools;
    private final BuildInput input;
    private final MountSources sources;
    private final String workingDirectory;
    private final List<AutoCloseable> held = new ArrayList<>();
    private final List<StepMount> mounts = new ArrayList<>();
    private final List<String> environment = new ArrayList<>();
    private int agents;
    private boolean remade;

    /** Where files of mounts come from. */
    interface MountSources {
        /** Files of a stage, a context or an image; null is the main context. */
        Origin origin(@Nullable String from) throws IOException, InterruptedException;

        /** Caches that outlive builds. */
        CacheMountUse caches();
    }

    /**
     * A tree.
     *
     * @param directory when it is one directory
     * @param layers when it is made of layers
     * @param key of its content; null when that has to be read
     * @param remade whether the content may be other than what went by the key before
     */
    record Origin(
            @Nullable Path directory,
            List<Path> layers,
            @Nullable String key,
            boolean remade) {
        Origin {
            layers = List.copyOf(layers);
        }

        /** A directory, which has to be read. */
        static Origin of(Path directory) {
            return new Origin(directory, List.of(), null, false);
        }
    }

    RunMounts(BuildTools tools, BuildInput input, MountSources sources, String workingDirectory) {
        this.tools = tools;
        this.input = input;
        this.sources = sources;
        this.workingDirectory = workingDirectory;
    }

    /** Adds what counts of the mounts to a step's key. */
    void describe(List<RunMount> wanted, StepKey key) throws IOException, InterruptedException {
        StepKey _ = key.add(Integer.toString(wanted.size()));
        for (RunMount mount : wanted) {
            StepKey _ =
                    switch (mount) {
                        case RunMount.Bind bind ->
                            key.add("bind")
                                    .add(target(bind.target()))
                                    .add(content(bind))
                                    .add(bind.readOnly());
                        case RunMount.Cache cache -> {
                            sources.caches().named(cache.id());
                            yield key.add("cache")
                                    .add(target(cache.target()))
                                    .add(cache.id())
                                    .add(cache.readOnly());
                        }
                        case RunMount.Tmpfs tmpfs -> key.add("tmpfs").add(target(tmpfs.target()));
                        case RunMount.Secret secret ->
                            key.add("secret")
                                    .add(secret.id())
                                    .add(String.valueOf(secret.target()))
                                    .add(String.valueOf(secret.variable()));
                        case RunMount.Ssh ssh -> key.add("ssh").add(ssh.id()).add(String.valueOf(ssh.target()));
                    };
        }
    }

    private String content(RunMount.Bind bind) throws IOException, InterruptedException {
        Origin origin = sources.origin(bind.from());
        remade |= origin.remade();
        if (origin.key() != null) {
            return origin.key() + ":" + SourceFiles.clean(bind.source());
        }
        try (RootTree tree = open(origin)) {
            SourceFiles files = new SourceFiles(tree.root(), IgnorePatterns.NONE);
            ContentDigest digest = new ContentDigest(false, tools.fileDigests());
            for (SourceFiles.Source source : files.find(literal(bind.source()), false)) {
                digest.add(files, source);
            }
            return digest.digest().toString();
        }
    }

    private RootTree open(Origin origin) {
        Path directory = origin.directory();
        return directory == null
                ? RootTree.readOnly(origin.layers(), tools.data().empty())
                : RootTree.readOnly(List.of(), directory);
    }

    private static String literal(String path) {
        return path.isEmpty() ? "/" : path;
    }

    /** Whether something that is mounted was made again, so that no earlier result counts; known when the mounts are described. */
    boolean remade() {
        return remade;
    }

    /** Takes what the mounts need. */
    void prepare(List<RunMount> wanted, Path stage) throws IOException, InterruptedException {
        for (RunMount mount : wanted) {
            switch (mount) {
                case RunMount.Bind bind -> bind(bind, stage);
                case RunMount.Cache cache -> cache(cache);
                case RunMount.Tmpfs tmpfs -> mounts.add(StepMount.memory(target(tmpfs.target()), tmpfs.sizeBytes()));
                case RunMount.Secret secret -> secret(secret);
                case RunMount.Ssh ssh -> ssh(ssh);
            }
        }
    }

    private void bind(RunMount.Bind bind, Path stage) throws IOException, InterruptedException {
        Origin origin = sources.origin(bind.from());
        String target = target(bind.target());
        String subpath = SourceFiles.clean(bind.source());
        Path directory = origin.directory();
        if (bind.readOnly()) {
            mounts.add(
                    directory == null
                            ? StepMount.layers(
                                    target,
                                    origin.layers().stream().map(Path::toString).toList(),
                                    subpath)
                            : StepMount.bind(target, directory.toString(), subpath, true));
            return;
        }
        // What is written is thrown away: it gets a copy of its own.
        String name = "rw-" + mounts.size();
        try (RootTree tree = open(origin);
                Directory own = Directory.open(stage)) {
            own.mkdir(name, 0755);
            FileStat stat = tree.root().statFollowing(subpath.isEmpty() ? "." : subpath);
            try (Directory copy = own.openDirectory(name)) {
                if (stat.isDirectory()) {
                    try (Directory from = tree.root().openDirectory(subpath.isEmpty() ? "." : subpath)) {
                        TreeCopy.copy(from, copy);
                    }
                } else {
                    new FileCopy(copy, null, true, null, null)
                            .copy(
                                    new SourceFiles(tree.root(), IgnorePatterns.NONE),
                                    new SourceFiles.Source(subpath, stat, ""),
                                    "file",
                                    false);
                }
            }
            mounts.add(StepMount.bind(target, stage.resolve(name).toString(), stat.isDirectory() ? "" : "file", false));
        }
    }

    private void cache(RunMount.Cache cache) throws IOException, InterruptedException {
        Origin from = cache.from() == null ? null : sources.origin(cache.from());
        CacheMount taken = sources.caches().take(cache, content -> {
            if (from != null) {
                try (RootTree tree = open(from);
                        Directory begin = tree.root()
                                .openDirectory(cache.source().isEmpty() ? "." : SourceFiles.clean(cache.source()))) {
                    TreeCopy.copy(begin, content);
                }
            }
            content.chown(".", Math.max(0, cache.uid()), Math.max(0, cache.gid()));
            content.chmod(".", cache.mode() < 0 ? CACHE_MODE : cache.mode());
        });
        held.add(taken);
        mounts.add(StepMount.bind(target(cache.target()), taken.directory().toString(), "", cache.readOnly()));
    }

    private void secret(RunMount.Secret secret) throws IOException, InterruptedException {
        Optional<byte[]> value = input.secret(secret.id());
        if (value.isEmpty()) {
            if (secret.required()) {
                throw new BuildFailure("secret " + secret.id() + ": not found");
            }
            return;
        }
        if (secret.variable() != null) {
            environment.add(secret.variable() + "=" + new String(value.get(), StandardCharsets.UTF_8));
        }
        String target = secret.target();
        if (target != null) {
            mounts.add(StepMount.file(
                    target(target),
                    Base64.getEncoder().encodeToString(value.get()),
                    secret.mode() < 0 ? SECRET_MODE : secret.mode(),
                    (int) Math.max(0, secret.uid()),
                    (int) Math.max(0, secret.gid())));
        }
    }

    private static void own(Path socket, RunMount.Ssh ssh) throws IOException {
        Files.setAttribute(socket, "unix:uid", (int) Math.max(0, ssh.uid()));
        Files.setAttribute(socket, "unix:gid", (int) Math.max(0, ssh.gid()));
        Files.setAttribute(socket, "unix:mode", ssh.mode() < 0 ? AGENT_MODE : ssh.mode());
    }

    private void ssh(RunMount.Ssh ssh) throws IOException, InterruptedException {
        Optional<BuildInput.AgentSocket> agent = input.agent(ssh.id());
        if (agent.isEmpty()) {
            if (ssh.required()) {
                throw new BuildFailure("unset ssh forward key " + ssh.id());
            }
            return;
        }
        held.add(agent.get());
        own(agent.get().path(), ssh);
        String target = ssh.target() == null ? "/run/buildkit/ssh_agent." + agents : target(ssh.target());
        agents++;
        mounts.add(StepMount.bind(target, agent.get().path().toString(), "", false));
        environment.add("SSH_AUTH_SOCK=" + target);
    }

    /** A file that only this command has. */
    void file(String target, byte[] content, int mode) {
        mounts.add(StepMount.file(target, Base64.getEncoder().encodeToString(content), mode, 0, 0));
    }

    private String target(String written) {
        return written.startsWith("/") ? written : "/" + SourceFiles.clean(workingDirectory + "/" + written);
    }

    List<StepMount> mounts() {
        return mounts;
    }

    /** Variables that the command gets for its mounts; they count for nothing else. */
    List<String> environment() {
        return environment;
    }

    /**
     * Takes away what the engine has made in the new layer to mount something on, where it is still empty. Only by names below the
     * layer's own directory, and never through a link (CVE-2024-23652).
     *
     * @param before the tree that the command began with
     */
    void removeStubs(Path upper, RootTree before) {
        try (Directory layer = Directory.open(upper, io.berth.linux.fd.Resolution.BENEATH_NO_SYMLINKS)) {
            for (StepMount mount : mounts) {
                removeStub(layer, before.root(), SourceFiles.clean(mount.target()));
            }
        }
    }

    private static void removeStub(Directory layer, Directory before, String path) {
        for (String at = path; !at.isEmpty(); at = at.contains("/") ? at.substring(0, at.lastIndexOf('/')) : "") {
            FileStat stat;
            try {
                stat = layer.statIfPresent(at);
                if (stat == null || before.statIfPresent(at) != null) {
                    return;
                }
                if (stat.isDirectory()) {
                    try (Directory stub = layer.openDirectory(at)) {
                        if (!stub.list().isEmpty()) {
                            return;
                        }
                    }
                    layer.rmdir(at);
                } else if (stat.isRegular() && stat.size() == 0) {
                    layer.unlink(at);
                } else {
                    return;
                }
            } catch (io.berth.linux.SyscallException e) {
                return; // a link is in the way: then the command has made this path, not the engine
            }
        }
    }

    @Override
    public void close() {
        for (AutoCloseable one : held.reversed()) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot give back what a mount had", e);
            }
        }
    }
}
