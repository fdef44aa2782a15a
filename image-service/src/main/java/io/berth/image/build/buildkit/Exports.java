package io.berth.image.build.buildkit;

import io.berth.archive.TarEntry;
import io.berth.archive.TarWriter;
import io.berth.archive.TreeArchiver;
import io.berth.buildkit.BuildException;
import io.berth.buildkit.BuildProgress;
import io.berth.buildkit.ClientSession;
import io.berth.buildkit.Credential;
import io.berth.buildkit.ExportRequest;
import io.berth.buildkit.Tree;
import io.berth.buildkit.transfer.DirectoryTree;
import io.berth.image.build.Builder;
import io.berth.image.build.RootTree;
import io.berth.image.build.attest.BuildAttestations;
import io.berth.image.caller.Caller;
import io.berth.image.event.ImageEvents;
import io.berth.image.exchange.ImageSaver;
import io.berth.image.progress.ProgressStream;
import io.berth.image.store.Image;
import io.berth.image.store.ImageStore;
import io.berth.image.transfer.ImagePusher;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.OciJson;
import io.berth.registryclient.RegistryCredentials;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/** Brings what was built to where its user wants it. */
@Component
final class Exports {
    private static final int BUFFER = 256 * 1024;
    private static final int FILE_MODE = 0644;
    private static final int DIRECTORY_MODE = 0755;

    private final Builder builder;
    private final ImageStore images;
    private final ImageSaver saver;
    private final ImagePusher pusher;
    private final ImageEvents events;
    private final BuildAttestations attestations;
    private final BuiltIndexes indexes;

    Exports(
            Builder builder,
            ImageStore images,
            ImageSaver saver,
            ImagePusher pusher,
            ImageEvents events,
            BuildAttestations attestations,
            BuiltIndexes indexes) {
        this.indexes = indexes;
        this.attestations = attestations;
        this.builder = builder;
        this.images = images;
        this.saver = saver;
        this.pusher = pusher;
        this.events = events;
    }

    Map<String, String> export(
            Caller caller, Built built, ExportRequest export, ClientSession session, BuildProgress progress)
            throws BuildException, IOException, InterruptedException {
        String title =
                switch (export.type()) {
                    case MOBY, IMAGE -> "exporting to image";
                    case DOCKER -> "exporting to docker image format";
                    case OCI -> "exporting to oci image format";
                    case TAR -> "exporting to client tarball";
                    case LOCAL -> "exporting to client directory";
                    case CACHE_ONLY -> "";
                };
        if (title.isEmpty()) {
            return Map.of();
        }
        BuildProgress.Vertex vertex = progress.vertex(
                Digest.sha256((export.id() + title + System.nanoTime()).getBytes(StandardCharsets.UTF_8)),
                title,
                List.of());
        vertex.started();
        try {
            Map<String, String> answer =
                    switch (export.type()) {
                        case MOBY, IMAGE -> keep(caller, built, export, session, vertex);
                        case DOCKER, OCI -> archive(built, export, session, vertex);
                        case TAR -> {
                            session.sendFile(export, Map.of(), out -> tar(built, out));
                            yield Map.of();
                        }
                        case LOCAL -> {
                            local(built, export, session, vertex);
                            yield Map.of();
                        }
                        case CACHE_ONLY -> Map.of();
                    };
            vertex.completed();
            return answer;
        } catch (IOException | RuntimeException | BuildException e) {
            vertex.failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private Map<String, String> keep(
            Caller caller, Built built, ExportRequest export, ClientSession session, BuildProgress.Vertex vertex)
            throws IOException, InterruptedException, BuildException {
        List<ImageReference> names = names(export);
        Image image = builder.keep(built.primary().image(), names, built.inlineCache());
        step(vertex, "writing image " + image.id());
        Optional<Descriptor> index = attach(built, image, names, vertex);
        if (index.isEmpty()) {
            indexes.none(image);
        }
        for (ImageReference name : names) {
            events.publish("tag", image, name.familiar());
            step(vertex, "naming to " + name);
        }
        if (export.attributes().getOrDefault("push", "").equals("true")) {
            for (ImageReference name : names) {
                step(vertex, "pushing " + name);
                pusher.push(
                        name,
                        List.of(),
                        credentials(caller, session.credential(name.domain())),
                        new ProgressStream(OutputStream.nullOutputStream()));
            }
        }
        return told(image, names, index);
    }

    private Optional<Descriptor> attach(
            Built built, Image image, List<ImageReference> names, BuildProgress.Vertex vertex) throws IOException {
        Optional<Descriptor> index = indexes.attach(built, image, names);
        index.ifPresent(descriptor -> step(vertex, "exporting manifest list " + descriptor.digest()));
        return index;
    }

    private static void step(BuildProgress.Vertex vertex, String what) {
        vertex.status(new BuildProgress.Status(what, 0, 0, false));
        vertex.status(new BuildProgress.Status(what, 0, 0, true));
    }

    private static Map<String, String> told(Image image, List<ImageReference> names, Optional<Descriptor> index) {
        Map<String, String> told = new HashMap<>();
        // Clients take this for the image's id, which dockerd's own store gives here too.
        told.put(
                "containerimage.digest",
                index.map(Descriptor::digest).orElse(image.id()).toString());
        index.ifPresent(descriptor -> told.put(
                "containerimage.descriptor",
                Base64.getEncoder().encodeToString(OciJson.MAPPER.writeValueAsBytes(descriptor))));
        told.put("containerimage.config.digest", image.id().toString());
        if (!names.isEmpty()) {
            told.put(
                    "image.name",
                    String.join(
                            ",", names.stream().map(ImageReference::toString).toList()));
        }
        return told;
    }

    private static List<ImageReference> names(ExportRequest export) throws BuildException {
        List<ImageReference> names = new ArrayList<>();
        String text = export.attributes().getOrDefault("name", "");
        for (String name : text.isEmpty() ? new String[0] : text.split(",")) {
            try {
                ImageReference reference = ImageReference.parse(name);
                names.add(reference.tag() == null ? reference.withTag("latest") : reference);
            } catch (IllegalArgumentException e) {
                throw new BuildException("invalid image name " + name + ": " + e.getMessage(), null, List.of(), e);
            }
        }
        return names;
    }

    /** The image is among the others for as long as it takes to write the archive, without a name. */
    private Map<String, String> archive(
            Built built, ExportRequest export, ClientSession session, BuildProgress.Vertex vertex)
            throws IOException, InterruptedException, BuildException {
        if (export.type() == ExportRequest.Type.DOCKER && built.isIndexed()) {
            throw new BuildException(
                    built.several()
                            ? "docker exporter does not currently support exporting manifest lists"
                            : "docker exporter does not support exporting attestations: use the oci exporter instead");
        }
        if (export.attributes().getOrDefault("tar", "true").equals("false")) {
            throw new BuildException("an OCI layout as a directory is not supported: export an archive");
        }
        List<ImageReference> names = names(export);
        Image image = builder.keep(built.primary().image(), List.of(), built.inlineCache());
        Optional<Descriptor> index = attach(built, image, names, vertex);
        try (ImageSaver.Archive archive = saver.of(image, names, index)) {
            Map<String, String> told = told(image, names, index);
            session.sendFile(
                    export,
                    Map.of("containerimage.digest", told.getOrDefault("containerimage.digest", "")),
                    archive::writeTo);
            return told;
        } finally {
            boolean _ = images.retire(image.id(), List.of());
        }
    }

    private void tar(Built built, OutputStream out) throws IOException {
        try (OutputStream buffered = new BufferedOutputStream(out, BUFFER);
                TarWriter tar = new TarWriter(buffered)) {
            for (PlatformResult result : built.results()) {
                String prefix = built.several() ? result.directory() + "/" : "";
                try (RootTree files = builder.files(result.image())) {
                    if (built.several()) {
                        tar.write(TarEntry.directory(prefix, DIRECTORY_MODE, Instant.now()));
                    }
                    TreeArchiver.of(tar, _ -> false).addContents(files.root(), prefix);
                    for (Map.Entry<String, byte[]> file :
                            statements(files, result.attested()).entrySet()) {
                        byte[] content = file.getValue();
                        tar.write(
                                TarEntry.file(prefix + file.getKey(), FILE_MODE, content.length, Instant.now()),
                                new ByteArrayInputStream(content));
                    }
                }
            }
        }
    }

    private Map<String, byte[]> statements(RootTree files, Attested attested) {
        return attested.isEmpty()
                ? Map.of()
                : attestations.files(attested.statements(), AttestedFiles.subjects(files.root()));
    }

    private void local(Built built, ExportRequest export, ClientSession session, BuildProgress.Vertex vertex)
            throws IOException, InterruptedException {
        Map<String, Tree> trees = new TreeMap<>();
        List<RootTree> open = new ArrayList<>();
        try {
            for (PlatformResult result : built.results()) {
                RootTree files = builder.files(result.image());
                open.add(files);
                Tree tree = new DirectoryTree(files.root(), "", null);
                Map<String, byte[]> statements = statements(files, result.attested());
                trees.put(
                        result.directory(),
                        statements.isEmpty() ? tree : new AttestedFiles(tree, statements, Instant.now()));
            }
            session.sendTree(
                    export,
                    built.several()
                            ? new PlatformTrees(trees, Instant.now())
                            : trees.values().iterator().next(),
                    (bytes, finished) -> vertex.status(new BuildProgress.Status("copying files", bytes, 0, finished)));
        } finally {
            open.forEach(RootTree::close);
        }
    }

    /** What a client shows to a registry; the platform's own knows the caller besides. */
    static RegistryCredentials credentials(Caller caller, Credential credential) {
        return credentials(credential).onBehalfOf(caller.identity());
    }

    private static RegistryCredentials credentials(Credential credential) {
        if (credential.isNone()) {
            return RegistryCredentials.ANONYMOUS;
        }
        return credential.username().isEmpty()
                ? new RegistryCredentials(null, null, credential.secret(), null, null)
                : new RegistryCredentials(credential.username(), credential.secret(), null, null, null);
    }
}
