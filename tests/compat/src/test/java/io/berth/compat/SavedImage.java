package io.berth.compat;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;

/**
 * The files of an image, from {@code docker save}: its layers over each other, without anything that a container adds.
 *
 * @param files by path, each described by {@code kind mode uid:gid what}: a file by size and digest, a link by its target, a device
 *     by its numbers; then its extended attributes. Hard links are the files they lead to.
 * @param layers how many
 */
record SavedImage(Map<String, String> files, int layers) {
    static SavedImage read(Path archive) {
        try {
            Map<String, TarListing.Entry> outer = new HashMap<>();
            try (InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
                TarListing.read(in, (entry, _) -> outer.put(entry.name(), entry));
            }
            JsonNode manifest;
            try (InputStream in = content(archive, outer, "manifest.json")) {
                manifest = GoldenNormaliser.JSON.readTree(in).path(0);
            }
            NavigableMap<String, String> files = new TreeMap<>();
            for (JsonNode layer : manifest.path("Layers")) {
                try (InputStream in = uncompressed(content(archive, outer, layer.asString()))) {
                    apply(in, files);
                }
            }
            return new SavedImage(files, manifest.path("Layers").size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream content(Path archive, Map<String, TarListing.Entry> outer, String name)
            throws IOException {
        TarListing.Entry entry = outer.get(name);
        if (entry == null) {
            throw new IOException(archive + " has no " + name);
        }
        FileChannel channel = FileChannel.open(archive).position(entry.offset());
        return new BufferedInputStream(Channels.newInputStream(channel)) {
            private long left = entry.size();

            @Override
            public synchronized int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public synchronized int read(byte[] into, int offset, int length) throws IOException {
                int read = left == 0 ? -1 : super.read(into, offset, (int) Math.min(length, left));
                left -= Math.max(read, 0);
                return read;
            }
        };
    }

    private static InputStream uncompressed(InputStream layer) throws IOException {
        byte[] magic = layer.readNBytes(2);
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(magic), layer);
        boolean gzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        return new BufferedInputStream(gzip ? new GZIPInputStream(whole) : whole);
    }

    private static void apply(InputStream layer, NavigableMap<String, String> files) throws IOException {
        List<TarListing.Entry> entries = new ArrayList<>();
        Map<TarListing.Entry, String> digests = new HashMap<>();
        TarListing.read(layer, (entry, content) -> {
            entries.add(entry);
            if (entry.type() == '0') {
                digests.put(entry, sha256(content));
            }
        });
        for (TarListing.Entry entry : entries) {
            if (entry.base().equals(".wh..wh..opq")) {
                below(files, entry.parent()).clear();
            } else if (entry.base().startsWith(".wh.")) {
                remove(files, entry.parent() + entry.base().substring(4));
            }
        }
        for (TarListing.Entry entry : entries) {
            if (entry.name().isEmpty() || entry.base().startsWith(".wh.")) {
                continue;
            }
            if (entry.type() != '5') {
                remove(files, entry.name());
            }
            files.put(
                    entry.name(),
                    entry.type() == '1'
                            ? files.getOrDefault(TarListing.trimmed(entry.link()), "broken link")
                            : describe(entry, digests.getOrDefault(entry, "")));
        }
    }

    private static Map<String, String> below(NavigableMap<String, String> files, String parent) {
        return parent.isEmpty() ? files : files.subMap(parent, true, parent + Character.MAX_VALUE, false);
    }

    private static void remove(NavigableMap<String, String> files, String path) {
        files.remove(path);
        below(files, path + "/").clear();
    }

    private static String describe(TarListing.Entry entry, String digest) {
        String owner = String.format("%04o %d:%d", entry.mode(), entry.uid(), entry.gid());
        String what =
                switch (entry.type()) {
                    case '5' -> "directory " + owner;
                    case '2' -> "link " + entry.uid() + ":" + entry.gid() + " -> " + entry.link();
                    case '6' -> "fifo " + owner;
                    case '3', '4' -> "device " + owner + " " + entry.device();
                    default -> "file " + owner + " " + entry.size() + " " + digest;
                };
        return entry.xattrs().isEmpty() ? what : what + " " + new TreeMap<>(entry.xattrs());
    }

    private static String sha256(InputStream content) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            new DigestInputStream(content, digest).transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
