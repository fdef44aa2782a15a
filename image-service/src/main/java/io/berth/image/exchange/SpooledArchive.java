package io.berth.image.exchange;

import io.berth.archive.ArchiveFormatException;
import io.berth.archive.TarEntry;
import io.berth.archive.TarReader;
import io.berth.docker.error.InvalidParameter;
import io.berth.image.content.BlobWriter;
import io.berth.image.content.ContentStore;
import io.berth.image.layer.Expansion;
import io.berth.image.lease.Lease;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.OciJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * The files of an image archive, received into the content store: they come in any order and refer to each other, so all
 * must be there before the first is understood. Names are only keys here: no file is ever made under a name of the archive
 * (CVE-2014-9356). The lease holds everything until the images are made.
 */
final class SpooledArchive {
    private static final int MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
    private static final int MAX_ENTRIES = 100_000;
    private static final int MAX_LINKS = 40;

    private final ContentStore content;
    private final Map<String, Digest> files = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();

    private SpooledArchive(ContentStore content) {
        this.content = content;
    }

    /**
     * Receives an archive of any supported compression.
     *
     * @throws InvalidParameter when it is malformed or names files outside of itself
     */
    static SpooledArchive receive(Expansion in, ContentStore content, Lease lease) throws IOException {
        SpooledArchive archive = new SpooledArchive(content);
        List<BlobWriter> sealed = new ArrayList<>();
        try {
            TarReader reader = new TarReader(in.open());
            int entries = 0;
            Optional<TarEntry> entry = reader.next();
            while (entry.isPresent()) {
                if (++entries > MAX_ENTRIES) {
                    throw new ArchiveFormatException("more than " + MAX_ENTRIES + " files");
                }
                archive.add(entry.get(), in.content(reader.content()), lease, sealed);
                entry = reader.next();
            }
            if (entries == 0) {
                throw new ArchiveFormatException("it is empty or no tar archive");
            }
            content.publishAll(sealed);
            return archive;
        } catch (ArchiveFormatException e) {
            throw new InvalidParameter("invalid archive: " + e.getMessage(), e);
        } finally {
            for (BlobWriter writer : sealed) {
                writer.close(); // removes what has not been published
            }
        }
    }

    private void add(TarEntry entry, InputStream in, Lease lease, List<BlobWriter> sealed) throws IOException {
        String path = clean(entry.name());
        switch (entry.type()) {
            case FILE -> {
                BlobWriter writer = content.writer(lease);
                sealed.add(writer);
                in.transferTo(writer);
                files.put(path, writer.seal());
            }
            case SYMBOLIC_LINK -> {
                int slash = path.lastIndexOf('/');
                String target = entry.linkName();
                links.put(
                        path,
                        clean(target.startsWith("/") || slash < 0 ? target : path.substring(0, slash) + "/" + target));
            }
            case HARD_LINK -> links.put(path, clean(entry.linkName()));
            case DIRECTORY -> {}
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                throw new ArchiveFormatException("a device or FIFO has no place in an image archive");
        }
    }

    private static String clean(String name) throws ArchiveFormatException {
        ArrayDeque<String> parts = new ArrayDeque<>();
        for (String part : name.split("/")) {
            if (part.equals("..")) {
                if (parts.pollLast() == null) {
                    throw new ArchiveFormatException("invalid name, outside of the archive");
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    /** The content of a file, links followed. */
    Optional<Digest> file(String name) {
        String path;
        try {
            path = clean(name);
        } catch (ArchiveFormatException e) {
            throw new InvalidParameter("invalid archive: " + e.getMessage(), e);
        }
        for (int i = 0; i < MAX_LINKS && links.containsKey(path); i++) {
            path = links.getOrDefault(path, "");
        }
        return Optional.ofNullable(files.get(path));
    }

    Digest require(String name) {
        return file(name).orElseThrow(() -> new InvalidParameter("invalid archive: file not found: " + name));
    }

    /**
     * The blob that a descriptor names, which must be what it says.
     *
     * @throws InvalidParameter when it is missing, or has another digest or size
     */
    Digest blob(Descriptor descriptor) {
        Digest digest = descriptor.digest();
        Digest actual = require("blobs/" + digest.algorithm() + "/" + digest.hex());
        if (!actual.equals(digest) || content.size(actual).orElse(-1L) != descriptor.size()) {
            throw new InvalidParameter("invalid archive: blob " + digest + " does not have that digest or size");
        }
        return digest;
    }

    boolean has(Descriptor descriptor) {
        return file("blobs/" + descriptor.digest().algorithm() + "/"
                        + descriptor.digest().hex())
                .isPresent();
    }

    /** A JSON file, at most 4 MiB. */
    <T> T read(Digest digest, Class<T> type) throws IOException {
        try {
            return OciJson.MAPPER.readValue(bytes(digest), type);
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            throw new InvalidParameter("invalid archive: malformed JSON in " + digest, e);
        }
    }

    byte[] bytes(Digest digest) throws IOException {
        if (content.size(digest).orElse(0L) > MAX_DOCUMENT_BYTES) {
            throw new InvalidParameter("invalid archive: a JSON file has more than " + MAX_DOCUMENT_BYTES + " bytes");
        }
        return content.read(digest, MAX_DOCUMENT_BYTES);
    }
}
