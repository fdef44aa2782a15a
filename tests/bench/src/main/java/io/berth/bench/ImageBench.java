package io.berth.bench;

import io.berth.archive.GzipEncoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Pulling, saving and loading an image of the size of a distribution's: some 100 MB in five layers, text and what does not compress, 3000
 * files. Every pull and load is of another image with the same files, so that nothing is there already and nothing was just deleted at
 * its place on disk.
 */
final class ImageBench implements AutoCloseable {
    private static final int PORT = 5998;
    private static final int[] LAYER_MEGABYTES = {50, 20, 15, 10, 5};
    private static final int FILES_PER_MEGABYTE = 30;
    private static final String REPOSITORY = "127.0.0.1:" + PORT + "/bench/distribution:";

    private final Report report;
    private final Path directory;
    private final List<Path> layers = new ArrayList<>();
    private int made;

    /**
     * Makes the layers.
     *
     * @param programs a root file system whose {@code /bin/true} is run, part of the first layer
     */
    ImageBench(Report report, Path scratch, Path programs) throws IOException {
        this.report = report;
        this.directory = Files.createDirectories(scratch.resolve("images"));
        Random random = new Random(1);
        for (int i = 0; i < LAYER_MEGABYTES.length; i++) {
            Path root = Files.createDirectories(directory.resolve("root"));
            if (i == 0) {
                Shell.run(List.of("cp", "-a", programs + "/.", root.toString()));
            }
            for (int j = 0; j < LAYER_MEGABYTES[i] * FILES_PER_MEGABYTE; j++) {
                Path file = root.resolve("usr/share/part" + i + "/" + j / 40 + "/file" + j);
                Files.createDirectories(file.getParent());
                Files.write(file, content(random));
            }
            Path tar = directory.resolve("layer" + i + ".tar");
            Shell.run(List.of("tar", "-C", root.toString(), "-cf", tar.toString(), "."));
            Shell.run(List.of("rm", "-rf", root.toString()));
            layers.add(tar);
        }
    }

    /** Two thirds text, one third noise, of a size between 0 and twice the average. */
    private static byte[] content(Random random) {
        byte[] bytes = new byte[random.nextInt(2_000_000 / FILES_PER_MEGABYTE)];
        random.nextBytes(bytes);
        byte[] text = "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
                .getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at + 64 < bytes.length * 2 / 3; at += 64 - random.nextInt(20)) {
            System.arraycopy(text, random.nextInt(10), bytes, at, 50);
        }
        return bytes;
    }

    /**
     * Measures one daemon.
     *
     * @param namespace its network namespace, or empty for this process's own
     */
    void run(String subject, Path socket, String namespace, int iterations) throws IOException {
        Process server = serve(namespace);
        try {
            Samples pull = new Samples();
            Samples started = new Samples();
            Samples save = new Samples();
            Samples load = new Samples();
            for (int i = -1; i < iterations; i++) {
                String pulled = makeImage();
                long pullNanos = timed(docker(socket, "pull", "-q", REPOSITORY + pulled));
                long saveNanos = timed(
                        docker(socket, "save", "-o", directory.resolve("saved").toString(), REPOSITORY + pulled));
                long startedNanos = timed(docker(
                        socket, "run", "-q", "--rm", "--network", "none", REPOSITORY + makeImage(), "/bin/true"));
                Path archive = archive(makeImage());
                long loadNanos = timed(docker(socket, "load", "-q", "-i", archive.toString()));
                Files.delete(archive);
                if (i >= 0) {
                    pull.add(pullNanos);
                    started.add(startedNanos);
                    save.add(saveNanos);
                    load.add(loadNanos);
                }
            }
            report.samples(subject, "pull 100 MB in 5 layers", pull);
            report.samples(subject, "run what has to be pulled first, to its end", started);
            report.samples(subject, "save it", save);
            report.samples(subject, "load it", load);
        } finally {
            server.destroy();
            Process _ = server.onExit().join(); // the port is free then
        }
    }

    private Process serve(String namespace) throws IOException {
        Files.deleteIfExists(directory.resolve("ready"));
        List<String> command = new ArrayList<>();
        if (!namespace.isEmpty()) {
            command.addAll(List.of("nsenter", "--net=" + namespace));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                BlobServer.class.getName(),
                directory.toString(),
                Integer.toString(PORT)));
        Process server = new ProcessBuilder(command).inheritIO().start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(directory.resolve("ready"))) {
            if (System.nanoTime() > deadline || !server.isAlive()) {
                server.destroy();
                throw new IllegalStateException("the registry does not start");
            }
            Thread.onSpinWait();
        }
        return server;
    }

    private static List<String> docker(Path socket, String... arguments) {
        List<String> command = new ArrayList<>(List.of("docker", "--host", "unix://" + socket));
        command.addAll(List.of(arguments));
        return command;
    }

    private static long timed(List<String> command) {
        Shell.run(List.of("sync"));
        long began = System.nanoTime();
        Shell.run(command);
        return System.nanoTime() - began;
    }

    /** Makes an image that shares no layer with any other, and returns its tag. */
    private String makeImage() throws IOException {
        String tag = "v" + made++;
        List<String> diffIds = new ArrayList<>();
        List<String> descriptors = new ArrayList<>();
        for (Path layer : layers) {
            MessageDigest plain = sha256();
            Path blob = directory.resolve("blob");
            try (InputStream in = new DigestInputStream(
                            new SequenceInputStream(new ByteArrayInputStream(entry(tag)), Files.newInputStream(layer)),
                            plain);
                    OutputStream out = Files.newOutputStream(blob);
                    GzipEncoder gzip = new GzipEncoder(out)) {
                in.transferTo(gzip);
            }
            diffIds.add('"' + name(plain) + '"');
            descriptors.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", keep(blob), blob));
        }
        String config = "{\"architecture\":\"" + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64")
                + "\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + String.join(",", diffIds) + "]}}";
        Path file = Files.writeString(directory.resolve("config"), config);
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                        + descriptor("application/vnd.oci.image.config.v1+json", keep(file), file) + ",\"layers\":["
                        + String.join(",", descriptors) + "]}";
        keep(Files.writeString(directory.resolve("manifest"), manifest));
        Files.writeString(directory.resolve(tag), manifest);
        return tag;
    }

    /** A tar entry: an empty file with a name of its own. */
    private static byte[] entry(String name) {
        byte[] block = new byte[512];
        put(block, 0, "marks-" + name);
        put(block, 100, "0000644");
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, "00000000000");
        put(block, 136, "00000000000");
        put(block, 148, "        ");
        put(block, 156, "0");
        put(block, 257, "ustar");
        put(block, 263, "00");
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, 148, String.format(java.util.Locale.ROOT, "%06o\0 ", sum));
        return block;
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }

    /** Links a file under its digest and returns that. */
    private String keep(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        String name = name(digest);
        Files.deleteIfExists(directory.resolve(name));
        Files.move(file, directory.resolve(name));
        return name;
    }

    private String descriptor(String mediaType, String digest, Path file) throws IOException {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":"
                + Files.size(Files.exists(file) ? file : directory.resolve(digest)) + "}";
    }

    /** An archive of an image as {@code docker save} writes it. */
    private Path archive(String tag) throws IOException {
        String manifest = Files.readString(directory.resolve(tag));
        List<String> digests = Arrays.stream(manifest.split("\"digest\":\""))
                .skip(1)
                .map(part -> part.substring(0, part.indexOf('"')))
                .toList();
        Path root = Files.createDirectories(directory.resolve("archive/blobs/sha256"));
        List<String> names = new ArrayList<>();
        for (String digest : digests) {
            String hex = digest.substring("sha256:".length());
            Files.move(directory.resolve(digest), root.resolve(hex));
            names.add("\"blobs/sha256/" + hex + "\"");
        }
        Files.writeString(
                directory.resolve("archive/manifest.json"),
                "[{\"Config\":" + names.getFirst() + ",\"RepoTags\":[\"bench/loaded:" + tag + "\"],\"Layers\":["
                        + String.join(",", names.subList(1, names.size())) + "]}]");
        Path archive = directory.resolve("archive.tar");
        Shell.run(List.of("tar", "-C", directory.resolve("archive").toString(), "-cf", archive.toString(), "."));
        Shell.run(List.of("rm", "-rf", directory.resolve("archive").toString()));
        return archive;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    @Override
    public void close() {
        Shell.run(List.of("rm", "-rf", directory.toString()));
    }
}
