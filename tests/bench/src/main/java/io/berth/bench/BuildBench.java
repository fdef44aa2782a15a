package io.berth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Builds, as a user waits for them: from the command's start to its end. All builders are measured in turns, so that whatever else the
 * machine does hits all alike.
 */
final class BuildBench implements AutoCloseable {
    /** Under which name Berth is measured. */
    static final String BERTH = "berth";

    private static final int STEPS = 10;
    private static final int FILES = 5000;
    private static final int FILE_BYTES = 20 * 1024;
    private static final int DIRECTORIES = 50;
    /** Rounds before those that are measured: the second is already of a service that has compiled the most of what it runs. */
    private static final int WARM = 4;

    private final Report report;
    private final Path scratch;
    private final String image;
    private final Map<String, Subject> subjects = new LinkedHashMap<>();
    private final Map<String, Path> sockets = new LinkedHashMap<>();

    /**
     * A builder.
     *
     * @param build command up to the options
     * @param run command that runs an image, up to its id; or empty
     * @param remove command that removes an image, up to its id
     */
    private record Subject(List<String> environment, List<String> build, List<String> run, List<String> remove) {}

    BuildBench(Report report, Path scratch, String image) {
        this.report = report;
        this.scratch = scratch.resolve("build");
        this.image = image;
    }

    /** Adds a daemon, by its classic builder and by buildx where that is installed. */
    void addDaemon(String name, Path socket) {
        sockets.put(name, socket);
        List<String> classic = List.of("env", "DOCKER_HOST=unix://" + socket, "DOCKER_BUILDKIT=0");
        List<String> docker = List.of("docker", "run", "--rm", "--network", "none");
        List<String> remove = List.of("docker", "rmi", "-f");
        subjects.put(name + ", classic", new Subject(classic, List.of("docker", "build", "-q"), docker, remove));
        if (buildx(socket)) {
            List<String> buildx = List.of("env", "DOCKER_HOST=unix://" + socket, "BUILDX_NO_DEFAULT_ATTESTATIONS=1");
            subjects.put(
                    name + ", buildx",
                    new Subject(buildx, List.of("docker", "buildx", "build", "-q", "--load"), docker, remove));
        }
    }

    private static boolean buildx(Path socket) {
        try {
            String _ = Shell.run(List.of("env", "DOCKER_HOST=unix://" + socket, "docker", "buildx", "inspect"));
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** Adds buildah, which keeps its images below the scratch directory. */
    void addBuildah(Path rootTar) {
        if (!Shell.has("buildah")) {
            report.remark("buildah is not installed and is left out");
            return;
        }
        Path storage = scratch.resolve("buildah");
        List<String> prefix = List.of(
                "buildah", "--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "overlay");
        List<String> from = new ArrayList<>(prefix);
        from.addAll(List.of("from", "--name", "base", "scratch"));
        String _ = Shell.run(from);
        List<String> add = new ArrayList<>(prefix);
        add.addAll(List.of("add", "base", rootTar.toString(), "/"));
        String _ = Shell.run(add);
        List<String> commit = new ArrayList<>(prefix);
        commit.addAll(List.of("commit", "base", image));
        String _ = Shell.run(commit);
        List<String> unmount = new ArrayList<>(prefix);
        unmount.addAll(List.of("rm", "base"));
        String _ = Shell.run(unmount);
        List<String> build = new ArrayList<>(prefix);
        build.addAll(List.of(
                "build",
                "-q",
                "--layers",
                "--network",
                "host",
                "--pull=never",
                "--isolation",
                "chroot",
                "--ulimit",
                "nofile=1024:1024",
                "--ulimit",
                "nproc=1024:1024"));
        List<String> remove = new ArrayList<>(prefix);
        remove.addAll(List.of("rmi", "-f"));
        subjects.put("buildah", new Subject(List.of(), build, List.of(), remove));
    }

    /** @param rounds how often each is measured */
    void run(int rounds) throws IOException {
        Path steps = Files.createDirectories(scratch.resolve("steps"));
        StringBuilder text = new StringBuilder("FROM " + image + "\n");
        for (int i = 0; i < STEPS; i++) {
            text.append("RUN echo ").append(i).append(" > /step").append(i).append('\n');
        }
        Files.writeString(steps.resolve("Dockerfile"), text);
        measure("build, " + STEPS + " RUN steps, cold", steps, WARM, rounds, true, null);
        measure("build, " + STEPS + " RUN steps, cached", steps, WARM, rounds * 2, false, null);
        rawBuilds(text.toString(), rounds * 4);
    }

    /** What a user waits for who changes a program: copying its files, all or one, and from the change to the program that runs. */
    void edit(int rounds) throws IOException {
        Path files = files();
        measure("build, COPY of 5,000 files (100 MB), cold", files, 1, rounds, true, null);
        measure("build, COPY of 5,000 files, one edited", files, 1, rounds, false, files.resolve("src/d0/f0"));
        editToRunning(files, rounds);
    }

    private Path files() throws IOException {
        Path files = Files.createDirectories(scratch.resolve("files"));
        Files.writeString(files.resolve("Dockerfile"), "FROM " + image + "\nCOPY src /src\n");
        makeFiles(files.resolve("src"));
        return files;
    }

    /**
     * Cached builds without a client of Docker's, whose own start takes most of the time that is seen otherwise. Of Berth alone: dockerd
     * ends sessions that offer no more than a Dockerfile.
     */
    private void rawBuilds(String dockerfile, int rounds) {
        Path socket = sockets.get(BERTH);
        if (socket == null) {
            return;
        }
        byte[] archive = TarFile.of("Dockerfile", dockerfile);
        Samples classic = new Samples();
        Samples buildKit = new Samples();
        try (ApiClient api = new ApiClient(socket);
                BuildKitClient kit = new BuildKitClient(socket)) {
            for (int i = -WARM; i < rounds; i++) {
                long began = System.nanoTime();
                String _ = api.build(archive);
                long between = System.nanoTime();
                kit.build(dockerfile);
                if (i >= 0) {
                    classic.add(between - began);
                    buildKit.add(System.nanoTime() - between);
                }
            }
        }
        report.samples(BERTH + ", classic", "build, " + STEPS + " RUN steps, cached, no client", classic);
        report.samples(BERTH + ", BuildKit", "build, " + STEPS + " RUN steps, cached, no client", buildKit);
    }

    /**
     * From saving one file of 5,000 to the end of a command in a container of the new image that reads it: what a user who changes a
     * program waits for. Builders that run no containers are left out.
     */
    private void editToRunning(Path context, int rounds) throws IOException {
        Map<String, Samples> times = new LinkedHashMap<>();
        for (int round = -2; round < rounds; round++) {
            for (Map.Entry<String, Subject> one : subjects.entrySet()) {
                Subject subject = one.getValue();
                if (subject.run().isEmpty()) {
                    continue;
                }
                String text = "edited " + System.nanoTime();
                long began = System.nanoTime();
                Files.writeString(context.resolve("src/d0/f0"), text);
                String id = lastLine(Shell.run(command(subject, context, false)));
                List<String> run = new ArrayList<>(subject.environment());
                run.addAll(subject.run());
                run.addAll(List.of(id, "cat", "/src/d0/f0"));
                String read = Shell.run(run);
                long took = System.nanoTime() - began;
                if (!read.strip().equals(text)) {
                    throw new IllegalStateException(one.getKey() + " ran something else: " + read);
                }
                if (round >= 0) {
                    times.computeIfAbsent(one.getKey(), _ -> new Samples()).add(took);
                }
            }
        }
        times.forEach(
                (subject, samples) -> report.samples(subject, "edit one of 5,000 files (100 MB), to running", samples));
    }

    private static String lastLine(String output) {
        String text = output.strip();
        return text.substring(text.lastIndexOf('\n') + 1).strip();
    }

    /** Buildah leaves its storage mounted. */
    @Override
    public void close() {
        Path overlay = scratch.resolve("buildah/root/overlay");
        if (Files.exists(overlay)) {
            try {
                String _ = Shell.run(List.of("umount", "--recursive", "--lazy", overlay.toString()));
            } catch (IllegalStateException e) {
                report.remark("buildah's storage was not mounted");
            }
        }
    }

    private static void makeFiles(Path directory) throws IOException {
        Random random = new Random(1);
        byte[] content = new byte[FILE_BYTES];
        for (int i = 0; i < FILES; i++) {
            Path file = directory.resolve("d" + i % DIRECTORIES).resolve("f" + i);
            Files.createDirectories(file.getParent());
            random.nextBytes(content);
            // Half of it repeats itself, as files of programs and texts do.
            System.arraycopy(content, 0, content, FILE_BYTES / 2, FILE_BYTES / 2);
            Files.write(file, content);
        }
    }

    private void measure(String operation, Path context, int warm, int rounds, boolean cold, @Nullable Path edited)
            throws IOException {
        Map<String, Samples> times = new LinkedHashMap<>();
        for (int round = -warm; round < rounds; round++) {
            for (Map.Entry<String, Subject> one : subjects.entrySet()) {
                if (edited != null) {
                    Files.writeString(edited, "edited " + System.nanoTime());
                }
                List<String> command = command(one.getValue(), context, cold);
                long began = System.nanoTime();
                String id = Shell.run(command).strip();
                long took = System.nanoTime() - began;
                if (round >= 0) {
                    times.computeIfAbsent(one.getKey(), _ -> new Samples()).add(took);
                }
                if (cold && round < rounds - 1) {
                    remove(one.getValue(), id);
                }
            }
        }
        times.forEach((subject, samples) -> report.samples(subject, operation, samples));
    }

    private static List<String> command(Subject subject, Path context, boolean cold) {
        List<String> command = new ArrayList<>(subject.environment());
        command.addAll(subject.build());
        if (cold) {
            command.add("--no-cache");
        }
        command.add(context.toString());
        return command;
    }

    private static void remove(Subject subject, String output) {
        List<String> command = new ArrayList<>(subject.environment());
        command.addAll(subject.remove());
        command.add(lastLine(output));
        try {
            String _ = Shell.run(command);
        } catch (IllegalStateException e) {
            // another image is made of it
        }
    }
}
