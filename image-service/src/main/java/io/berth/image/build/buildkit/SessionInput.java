package io.berth.image.build.buildkit;

import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.BuildRequest;
import io.berth.buildkit.CacheOption;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.LocalDirectory;
import io.berth.buildkit.ReceivedTree;
import io.berth.dockerfile.DockerfileException;
import io.berth.dockerfile.IgnorePatterns;
import io.berth.image.build.BuildFailure;
import io.berth.image.build.BuildInput;
import io.berth.image.build.ContextDirectory;
import io.berth.image.build.ContextPaths;
import io.berth.image.build.ImageSource;
import io.berth.image.build.Material;
import io.berth.image.build.attest.BuildFacts;
import io.berth.linux.SyscallException;
import io.berth.linux.fd.Directory;
import io.berth.oci.Digest;
import io.berth.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a build reads, from the client's session: each directory is brought here when it is first asked for, and given back when this
 * is closed. Thread-safe.
 */
final class SessionInput implements BuildInput, AutoCloseable {
    private static final int MAX_TEXT_BYTES = 16 * 1024 * 1024;
    private static final String LOCAL = "local:";
    private static final String PULLED = "http://buildkit-session/";
    private static final String IMAGE = "docker-image://";
    private static final String LAYOUT = "oci-layout://";

    private final BuildRequest request;
    private final ClientSession session;
    private final BuildProgress progress;
    private final SessionTools tools;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<AutoCloseable> held = new ArrayList<>();
    private final Map<String, Context> received = new HashMap<>();
    private final Map<ContextPaths, Context> contexts = new HashMap<>();
    private final Set<String> localNames = ConcurrentHashMap.newKeySet();
    private final Set<String> secrets = ConcurrentHashMap.newKeySet();
    private final Set<String> agentIds = ConcurrentHashMap.newKeySet();
    private BuildProgress.@Nullable Vertex definition;
    private @Nullable IgnorePatterns ignored;

    SessionInput(BuildRequest request, ClientSession session, BuildProgress progress, SessionTools tools) {
        this.tools = tools;
        this.request = request;
        this.session = session;
        this.progress = progress;
    }

    /** The step that has read the Dockerfile, once it has. */
    BuildProgress.Vertex definition() {
        return Objects.requireNonNull(definition);
    }

    /** What is known of a build that has read all it needs. */
    BuildFacts facts(String dockerfile, List<Material> materials, Instant started) {
        return new BuildFacts(
                request.ref(),
                request.attributes(),
                request.filename(),
                dockerfile,
                request.remoteContext(),
                localNames,
                secrets,
                agentIds,
                materials,
                Platform.current(),
                started,
                Instant.now());
    }

    /** The text of the Dockerfile. */
    String dockerfile() throws IOException, InterruptedException {
        String remote = request.remoteContext();
        if (remote != null) {
            return fetched(remote);
        }
        String name = request.filename();
        BuildProgress.Vertex vertex =
                vertex("[internal] load build definition from " + name.substring(name.lastIndexOf('/') + 1));
        definition = vertex;
        LocalDirectory wanted = LocalDirectory.only(
                request.dockerfileLocalName(),
                List.of(name, name + ".dockerignore", name.toLowerCase(java.util.Locale.ROOT)));
        try (ReceivedTree tree = receive(wanted, vertex, "transferring dockerfile:")) {
            Optional<String> text = text(tree.root(), name);
            if (text.isEmpty() && name.equals("Dockerfile")) {
                text = text(tree.root(), "dockerfile");
            }
            if (text.isEmpty()) {
                String message = "failed to read dockerfile: open " + name + ": no such file or directory";
                vertex.failed(message);
                throw new BuildFailure(message);
            }
            vertex.completed();
            return text.get();
        }
    }

    /** What an address names is context and Dockerfile in one. */
    private String fetched(String remote) throws IOException, InterruptedException {
        BuildProgress.Vertex vertex = vertex("[internal] load remote build context");
        definition = vertex;
        String name = request.filename().replaceFirst("^(\\./|/)++", "");
        try {
            ContextDirectory files;
            if (remote.startsWith(PULLED)) {
                try (InputStream in = session.pull(remote.substring(PULLED.length()))) {
                    files = ContextDirectory.receive(tools.data().uploads(), tools.layers(), in, name);
                }
            } else {
                files = ContextDirectory.fetch(tools.data().uploads(), tools.layers(), tools.sources(), remote, name);
            }
            held.add(files);
            contexts.put(ContextPaths.ALL, files.context(ContextPaths.ALL));
            vertex.completed();
            return files.dockerfile();
        } catch (IOException | RuntimeException e) {
            vertex.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private BuildProgress.Vertex vertex(String name) {
        BuildProgress.Vertex vertex = progress.vertex(
                Digest.sha256((request.ref() + "\0" + name).getBytes(StandardCharsets.UTF_8)), name, List.of());
        vertex.started();
        return vertex;
    }

    private ReceivedTree receive(LocalDirectory wanted, BuildProgress.Vertex vertex, String label)
            throws IOException, InterruptedException {
        try {
            boolean _ = localNames.add(wanted.name());
            return session.receive(
                    wanted, (bytes, finished) -> vertex.status(new BuildProgress.Status(label, bytes, 0, finished)));
        } catch (IOException | RuntimeException e) {
            vertex.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static Optional<String> text(Directory root, String path) {
        try {
            return Optional.of(new String(root.readRegular(path, MAX_TEXT_BYTES), StandardCharsets.UTF_8));
        } catch (SyscallException e) {
            return Optional.empty();
        }
    }

    @Override
    public Context context(ContextPaths wanted) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            Context known = contexts.get(ContextPaths.ALL);
            if (known == null) {
                known = contexts.get(wanted);
            }
            if (known != null) {
                return known;
            }
            IgnorePatterns patterns = ignored;
            if (patterns == null) {
                patterns = ignored();
                ignored = patterns;
            }
            Context context =
                    bring(request.contextLocalName(), patterns, wanted.paths(), "[internal] load build context");
            contexts.put(wanted, context);
            return context;
        } finally {
            lock.unlock();
        }
    }

    /** @param paths the only ones to bring; empty for all */
    private Context bring(String localName, IgnorePatterns ignored, List<String> paths, String title)
            throws IOException, InterruptedException {
        BuildProgress.Vertex vertex = vertex(title);
        LocalDirectory wanted = new LocalDirectory(
                localName, List.of(), ignored.patterns(), paths, LocalDirectory.Comparison.METADATA, "");
        ReceivedTree tree = receive(wanted, vertex, "transferring context:");
        held.add(tree);
        vertex.completed();
        return new Context(path(tree), ignored);
    }

    /** Of a directory that is open. */
    private static Path path(ReceivedTree tree) throws IOException {
        return Files.readSymbolicLink(
                Path.of("/proc/self/fd/" + tree.root().fd().value()));
    }

    /** Beside the Dockerfile by its name, or in the context. */
    private IgnorePatterns ignored() throws IOException, InterruptedException {
        BuildProgress.Vertex vertex = vertex("[internal] load .dockerignore");
        String own = request.filename() + ".dockerignore";
        Optional<String> text;
        try (ReceivedTree tree = receive(
                LocalDirectory.only(request.dockerfileLocalName(), List.of(own)), vertex, "transferring context:")) {
            text = text(tree.root(), own);
        }
        if (text.isEmpty()) {
            try (ReceivedTree tree = receive(
                    LocalDirectory.only(request.contextLocalName(), List.of(".dockerignore")),
                    vertex,
                    "transferring context:")) {
                text = text(tree.root(), ".dockerignore");
            }
        }
        try {
            IgnorePatterns patterns = text.map(IgnorePatterns::parse).orElse(IgnorePatterns.NONE);
            vertex.completed();
            return patterns;
        } catch (DockerfileException e) {
            vertex.failed(String.valueOf(e.getMessage()));
            throw new BuildFailure("failed to parse dockerignore: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<NamedContext> named(String name) throws IOException, InterruptedException {
        String address = request.namedContexts().get(name);
        if (address == null) {
            return Optional.empty();
        }
        if (address.startsWith(IMAGE)) {
            return Optional.of(new NamedContext.FromImage(address.substring(IMAGE.length())));
        }
        if (address.startsWith(LAYOUT)) {
            return Optional.of(layout(address));
        }
        if (!address.startsWith(LOCAL)) {
            return Optional.of(new NamedContext.Unsupported(address));
        }
        lock.lockInterruptibly();
        try {
            Context known = received.get(name);
            if (known == null) {
                known = bring(
                        address.substring(LOCAL.length()),
                        IgnorePatterns.NONE,
                        List.of(),
                        "[context " + name + "] load from client");
                received.put(name, known);
            }
            return Optional.of(new NamedContext.Files(known));
        } finally {
            lock.unlock();
        }
    }

    /** {@code oci-layout://STORE[:TAG]@DIGEST}: clients look a tag up themselves. */
    private NamedContext layout(String address) {
        int at = address.indexOf('@');
        if (at < 0) {
            return new NamedContext.Unsupported(address);
        }
        String store = address.substring(LAYOUT.length(), at).replaceFirst(":[^:/]*$", "");
        return new NamedContext.Brought(
                address, tools.images().in(session.content("oci:" + store), digest(address.substring(at + 1))));
    }

    private static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BuildFailure("invalid digest " + text + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<ImageSource> caches() {
        List<ImageSource> caches = new ArrayList<>();
        for (CacheOption from : request.cacheImports()) {
            String digest = from.attributes().getOrDefault("digest", "");
            // Without one the client has found no index in the directory, as it is before the first export.
            if (from.type().equals("local") && !digest.isEmpty()) {
                String store = "local:" + from.attributes().getOrDefault("src", "");
                caches.add(tools.images().in(session.content(store), digest(digest)));
            }
        }
        return caches;
    }

    @Override
    public Optional<byte[]> secret(String id) throws IOException, InterruptedException {
        Optional<byte[]> secret = Optional.ofNullable(session.secret(id));
        if (secret.isPresent()) {
            boolean _ = secrets.add(id);
        }
        return secret;
    }

    @Override
    public Optional<AgentSocket> agent(String id) throws IOException, InterruptedException {
        if (!session.hasSshAgent(id)) {
            return Optional.empty();
        }
        boolean _ = agentIds.add(id);
        return Optional.of(tools.agents().open(session, id));
    }

    @Override
    public void close() {
        for (AutoCloseable one : held) {
            try {
                one.close();
            } catch (Exception e) {
                throw new IllegalStateException("cannot give back a client's directory", e);
            }
        }
    }
}
