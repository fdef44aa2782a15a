package io.berth.image.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotImplemented;
import io.berth.docker.error.Unavailable;
import io.berth.outgoing.Destinations;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.CommitBuilder;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.PersonIdent;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.TreeFormatter;
import org.eclipse.jgit.transport.Daemon;
import org.eclipse.jgit.transport.DaemonClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitSourceTest {
    @TempDir
    private Path scratch;

    private final TestWeb web = new TestWeb();
    private Repository repository;
    private int fetches;

    @BeforeEach
    void begin() throws IOException {
        repository = new FileRepository(scratch.resolve("server").toFile());
        repository.create(true);
        web.git("/repo.git", repository);
    }

    @AfterEach
    void stop() {
        web.close();
        repository.close();
    }

    private static SourceLimits limits(long maxBytes, Duration maxDuration) {
        return new SourceLimits(
                maxBytes,
                maxDuration,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                3,
                false,
                Set.of("http", "https", "git"));
    }

    private static final SourceLimits LIMITS = limits(8 << 20, Duration.ofSeconds(20));

    private ObjectId blob(String text) throws IOException {
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(Constants.OBJ_BLOB, text.getBytes(StandardCharsets.UTF_8));
            inserter.flush();
            return id;
        }
    }

    private ObjectId tree(TreeFormatter tree) throws IOException {
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(tree);
            inserter.flush();
            return id;
        }
    }

    private ObjectId commit(ObjectId tree, String ref, ObjectId... parents) throws IOException {
        CommitBuilder commit = new CommitBuilder();
        PersonIdent person = new PersonIdent("A", "a@b", Instant.EPOCH, ZoneOffset.UTC);
        commit.setAuthor(person);
        commit.setCommitter(person);
        commit.setMessage("m");
        commit.setTreeId(tree);
        commit.setParentIds(parents);
        try (ObjectInserter inserter = repository.newObjectInserter()) {
            ObjectId id = inserter.insert(commit);
            inserter.flush();
            point(ref, id);
            return id;
        }
    }

    private void point(String ref, ObjectId id) throws IOException {
        RefUpdate update = repository.updateRef(ref);
        update.setNewObjectId(id);
        update.setForceUpdate(true);
        assertThat(update.update()).isIn(RefUpdate.Result.NEW, RefUpdate.Result.FORCED, RefUpdate.Result.FAST_FORWARD);
    }

    private ObjectId sample(String text) throws IOException {
        TreeFormatter sub = new TreeFormatter();
        sub.append("deep", FileMode.REGULAR_FILE, blob(text));
        TreeFormatter root = new TreeFormatter();
        root.append("a", FileMode.REGULAR_FILE, blob(text));
        root.append("link", FileMode.SYMLINK, blob("sub/../../a"));
        root.append("module", FileMode.GITLINK, ObjectId.fromString("1".repeat(40)));
        root.append("run", FileMode.EXECUTABLE_FILE, blob("#!/bin/sh\n"));
        root.append("sub", FileMode.TREE, tree(sub));
        root.append("é", FileMode.REGULAR_FILE, blob("x"));
        return tree(root);
    }

    private Path directory() throws IOException {
        return Files.createDirectories(scratch.resolve("fetch-" + fetches++).resolve("tree"));
    }

    private FetchedTree fetch(String address, Path into) throws IOException {
        return fetch(address, null, false, into);
    }

    private FetchedTree fetch(String address, @Nullable String checksum, boolean keep, Path into) throws IOException {
        return new GitSource(LIMITS)
                .fetch(GitAddress.parse(address).orElseThrow(), checksum, keep, into, null, Destinations.ANY);
    }

    @Test
    void fetchesATree() throws IOException {
        ObjectId commit = commit(sample("text"), "refs/heads/master");
        Path into = directory();
        FetchedTree tree = fetch(web.url("/repo.git"), into);
        assertThat(tree.commit()).isEqualTo(commit.name());
        assertThat(into.resolve("a")).hasContent("text");
        assertThat(into.resolve("sub/deep")).hasContent("text");
        assertThat(Files.readSymbolicLink(into.resolve("link"))).isEqualTo(Path.of("sub/../../a"));
        assertThat(into.resolve("module")).isEmptyDirectory();
        assertThat(mode(into.resolve("a"))).isEqualTo("rw-r--r--");
        assertThat(mode(into.resolve("run"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(into.resolve("sub"))).isEqualTo("rwxr-xr-x");
        try (Stream<Path> files = Files.list(into)) {
            assertThat(files).hasSize(6);
        }
        try (Stream<Path> files = Files.list(into.resolveSibling("."))) {
            assertThat(files.map(Path::getFileName)).containsExactly(into.getFileName());
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void findsReferences() throws IOException {
        ObjectId first = commit(sample("1"), "refs/heads/master");
        ObjectId second = commit(sample("2"), "refs/heads/dev/x", first);
        ObjectId third = commit(sample("3"), "refs/tags/v1", second);
        ObjectId fourth = commit(sample("4"), "refs/tags/dev/x", third);
        ObjectId fifth = commit(sample("5"), "refs/pull/7/head", fourth);
        String url = web.url("/repo.git");
        assertThat(fetch(url + "#dev/x", directory()).commit())
                .as("branch first")
                .isEqualTo(second.name());
        assertThat(fetch(url + "#v1", directory()).commit()).isEqualTo(third.name());
        assertThat(fetch(url + "#refs/tags/dev/x", directory()).commit()).isEqualTo(fourth.name());
        assertThat(fetch(url + "#pull/7/head", directory()).commit()).isEqualTo(fifth.name());
        assertThat(fetch(url + "?tag=dev/x", directory()).commit()).isEqualTo(fourth.name());
        assertThat(fetch(url + "?branch=master", directory()).commit()).isEqualTo(first.name());
        assertThat(fetch(url + "#" + first.name(), directory()).commit()).isEqualTo(first.name());
        assertThatThrownBy(() -> fetch(url + "#nothing", directory()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("repository does not contain ref nothing");
        assertThatThrownBy(() -> fetch(url + "#" + "2".repeat(40), directory())).isInstanceOf(ApiException.class);
    }

    @Test
    void findsCommitsThatNoReferenceNames() throws IOException {
        ObjectId first = commit(sample("1"), "refs/heads/master");
        ObjectId second = commit(sample("2"), "refs/heads/master", first);
        commit(sample("3"), "refs/heads/master", second);
        Path into = directory();
        assertThat(fetch(web.url("/repo.git") + "#" + second.name(), into).commit())
                .isEqualTo(second.name());
        assertThat(into.resolve("a")).hasContent("2");
    }

    @Test
    void theChecksumIsTheCommit() throws IOException {
        ObjectId commit = commit(sample("1"), "refs/heads/master");
        String url = web.url("/repo.git");
        assertThat(fetch(url, commit.name(), false, directory()).commit()).isEqualTo(commit.name());
        assertThat(fetch(url, commit.name().substring(0, 3), false, directory()).commit())
                .isEqualTo(commit.name());
        Path into = directory();
        assertThatThrownBy(() -> fetch(url, "0".repeat(40), false, into))
                .hasMessageContaining("expected checksum to match " + "0".repeat(40) + ", got " + commit.name());
        assertThat(into).isEmptyDirectory();
        assertThatThrownBy(() -> fetch(url, "../x", false, into)).hasMessageContaining("invalid checksum");
    }

    @Test
    void directoriesAreGitsOwn() throws IOException {
        commit(sample("1"), "refs/heads/master");
        String url = web.url("/repo.git");
        Path into = directory();
        assertThat(fetch(url + "#master:sub", into).files()).isEqualTo(1);
        assertThat(into.resolve("deep")).hasContent("1");
        assertThat(fetch(url + "#:/./sub/", directory()).files()).isEqualTo(1);
        for (String wrong : List.of("link", "none", "a", "sub/none", "link/x", "module")) {
            Path none = directory();
            assertThatThrownBy(() -> fetch(url + "#master:" + wrong, none))
                    .as(wrong)
                    .hasMessageContaining("is not in the repository");
            assertThat(none).isEmptyDirectory();
        }
        for (String outside : List.of("..", "sub/../..", "../etc", "sub/..")) {
            assertThatThrownBy(() -> fetch(url + "#master:" + outside, directory()))
                    .as(outside)
                    .hasMessageContaining("must be inside of it");
        }
    }

    @Test
    void keepsTheRepositoryIfAsked() throws IOException {
        ObjectId first = commit(sample("1"), "refs/heads/master");
        ObjectId second = commit(sample("2"), "refs/heads/master", first);
        Path into = directory();
        assertThat(fetch(web.url("/repo.git"), null, true, into).commit()).isEqualTo(second.name());
        assertThat(into.resolve(".git/HEAD")).hasContent(second.name());
        try (Repository kept = new FileRepository(into.resolve(".git").toFile())) {
            assertThat(kept.resolve("HEAD^{tree}")).isNotNull();
            assertThat(kept.readDirCache().getEntryCount()).isEqualTo(6);
            assertThat(kept.isBare()).isFalse();
            assertThat(kept.getConfig().getString("remote", "origin", "url")).isEqualTo(web.url("/repo.git"));
            assertThat(kept.getObjectDatabase().has(first)).as("shallow").isFalse();
        }
        Path none = directory();
        assertThat(fetch(web.url("/repo.git") + "?keep-git-dir=false", null, true, none)
                        .files())
                .isPositive();
        assertThat(none.resolve(".git")).doesNotExist();
    }

    /** Each tree would write outside of its directory, or into {@code .git}, if it were believed. */
    @ParameterizedTest
    @ValueSource(strings = {"..", ".git", ".GIT", "git~1", ".", "a/b", ""})
    void forbiddenNamesAreRefused(String name) throws IOException {
        Path outside = Files.createDirectory(scratch.resolve("outside"));
        TreeFormatter inner = new TreeFormatter();
        inner.append("planted", FileMode.REGULAR_FILE, blob("x"));
        TreeFormatter root = new TreeFormatter();
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        root.append(bytes, 0, bytes.length, FileMode.TREE, tree(inner), true);
        commit(tree(root), "refs/heads/master");
        Path into = directory();
        assertThatThrownBy(() -> fetch(web.url("/repo.git"), into))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("malformed directory in the repository");
        assertThat(into).isEmptyDirectory();
        assertThat(into.resolveSibling("planted")).doesNotExist();
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void aLinkAndADirectoryOfOneNameAreRefused() throws IOException {
        Path outside = Files.createDirectory(scratch.resolve("outside"));
        TreeFormatter inner = new TreeFormatter();
        inner.append("planted", FileMode.REGULAR_FILE, blob("x"));
        TreeFormatter root = new TreeFormatter();
        root.append("d", FileMode.SYMLINK, blob(outside.toString()));
        root.append("d", FileMode.TREE, tree(inner));
        commit(tree(root), "refs/heads/master");
        assertThatThrownBy(() -> fetch(web.url("/repo.git"), directory()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("malformed directory in the repository");
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void sizesHaveLimits() throws IOException {
        TreeFormatter root = new TreeFormatter();
        root.append("zeros", FileMode.REGULAR_FILE, blob("0".repeat(4 << 20)));
        commit(tree(root), "refs/heads/master");
        GitAddress address = GitAddress.parse(web.url("/repo.git")).orElseThrow();
        Path into = directory();
        assertThatThrownBy(() -> new GitSource(limits(1 << 20, Duration.ofSeconds(20)))
                        .fetch(address, null, false, into, null, Destinations.ANY))
                .isInstanceOf(InvalidParameter.class)
                .hasMessageContaining("larger than 1048576 bytes");
        assertThatThrownBy(() -> new GitSource(limits(100, Duration.ofSeconds(20)))
                        .fetch(address, null, false, into, null, Destinations.ANY))
                .isInstanceOf(ApiException.class);
        assertThat(into).isEmptyDirectory();
    }

    @Test
    @Timeout(30)
    void endlessAnswersAreGivenUp() throws IOException {
        web.on("/endless.git/info/refs", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("001e# service=git-upload-pack\n0000".getBytes(StandardCharsets.UTF_8));
            OutputStream body = new BufferedOutputStream(exchange.getResponseBody(), 1 << 16);
            for (int i = 0; ; i++) {
                String line = "1".repeat(40) + " refs/heads/b" + i + "\n";
                body.write(String.format("%04x%s", line.length() + 4, line).getBytes(StandardCharsets.UTF_8));
            }
        });
        web.on("/mute.git/info/refs", exchange -> {
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> fetch(web.url("/endless.git"), directory()))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("more than 8388608 bytes");
        GitSource hasty = new GitSource(limits(1 << 20, Duration.ofSeconds(1)));
        assertThatThrownBy(() -> hasty.fetch(
                        GitAddress.parse(web.url("/mute.git")).orElseThrow(),
                        null,
                        false,
                        directory(),
                        null,
                        Destinations.ANY))
                .hasMessageContaining("it takes longer than PT1S");
    }

    @Test
    void aPublicServerCannotLeadToAPrivateOne() throws IOException {
        commit(sample("1"), "refs/heads/master");
        web.redirect("/moved.git/info/refs", 302, web.url("/repo.git/info/refs?service=git-upload-pack"));
        GitSource source =
                new GitSource(LIMITS, Destinations.publicAnd(List.of()).and(List.of("localhost")));
        assertThatThrownBy(() -> source.fetch(
                        GitAddress.parse(web.named("/moved.git")).orElseThrow(),
                        null,
                        false,
                        directory(),
                        null,
                        Destinations.ANY))
                .isInstanceOf(Forbidden.class)
                .hasMessageContaining("refusing to connect to 127.0.0.1");
        assertThat(web.requests.stream().filter(request -> request.contains("/repo.git")))
                .isEmpty();
        assertThat(source.fetch(
                                GitAddress.parse(web.url("/moved.git")).orElseThrow(),
                                null,
                                false,
                                directory(),
                                "Bearer t",
                                Destinations.ANY)
                        .files())
                .isPositive();
        assertThat(web.requests).allMatch(request -> !request.contains("/repo.git") || request.contains("[Bearer t]"));
    }

    @Test
    void credentialsStayWithTheirHost() throws IOException {
        commit(sample("1"), "refs/heads/master");
        web.redirect("/moved.git/info/refs", 302, web.named("/repo.git/info/refs?service=git-upload-pack"));
        GitSource source = new GitSource(LIMITS);
        assertThat(source.fetch(
                                GitAddress.parse(web.url("/moved.git")).orElseThrow(),
                                null,
                                false,
                                directory(),
                                "Bearer t",
                                Destinations.ANY)
                        .files())
                .isPositive();
        assertThat(web.requests.stream().filter(request -> request.contains("/moved.git")))
                .allMatch(r -> r.contains("Bearer t"));
        assertThat(web.requests.stream().filter(request -> request.contains("/repo.git")))
                .isNotEmpty()
                .noneMatch(r -> r.contains("Bearer t"));
    }

    @Test
    void speaksGitsOwnProtocol() throws IOException {
        ObjectId commit = commit(sample("1"), "refs/heads/master");
        Daemon daemon = new Daemon(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0));
        daemon.setRepositoryResolver((DaemonClient client, String name) -> {
            repository.incrementOpen();
            return repository;
        });
        daemon.getService("git-upload-pack").setEnabled(true);
        daemon.start();
        try {
            assertThat(fetch("git://127.0.0.1:" + daemon.getAddress().getPort() + "/any", directory())
                            .commit())
                    .isEqualTo(commit.name());
        } finally {
            daemon.stop();
        }
    }

    @Test
    void nothingIsReadFromThisMachine() throws IOException {
        commit(sample("1"), "refs/heads/master");
        String path = scratch.resolve("server").toString();
        for (String address :
                List.of(path, "file://" + path, "file:" + path, "ext::sh -c x", "/etc", "./repo.git", "http://h/x")) {
            assertThat(GitAddress.parse(address)).as(address).isEmpty();
        }
        for (GitAddress forged : List.of(
                new GitAddress("file://" + path, "file", "", "", null, null),
                new GitAddress(path, "http", "", "", null, null),
                new GitAddress("file://" + path, "http", "", "", null, null))) {
            Path into = directory();
            assertThatThrownBy(() -> new GitSource(LIMITS).fetch(forged, null, false, into, null, Destinations.ANY))
                    .isInstanceOf(ApiException.class);
            assertThat(into).isEmptyDirectory();
        }
    }

    @Test
    void protocolsHaveToBeAllowed() {
        SourceLimits https = new SourceLimits(
                1,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                false,
                Set.of("https", "ssh"));
        for (String address : List.of("http://h/a.git", "git://h/a", "ssh://h/a", "git@h:a")) {
            assertThatThrownBy(() -> new GitSource(https)
                            .fetch(
                                    GitAddress.parse(address).orElseThrow(),
                                    null,
                                    false,
                                    directory(),
                                    null,
                                    Destinations.ANY))
                    .as(address)
                    .isInstanceOf(NotImplemented.class);
        }
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() {
        assertThatThrownBy(() -> fetch("http://127.0.0.1:1/a.git", directory())).isInstanceOf(Unavailable.class);
        assertThatThrownBy(() -> fetch(web.url("/none.git"), directory())).isInstanceOf(ApiException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "https://h/a.git|https://h/a.git|https|||-|-",
                "https://h:1/a/b.git#r:d/e|https://h:1/a/b.git|https|r|d/e|-|-",
                "https://h/a.git#feature/x|https://h/a.git|https|feature/x||-|-",
                "http://h/a.git#:d|http://h/a.git|http||d|-|-",
                "git://h/a|git://h/a|git|||-|-",
                "ssh://git@h:22/a#r|ssh://git@h:22/a|ssh|r||-|-",
                "git@h:a/b.git#r:d|git@h:a/b.git|ssh|r|d|-|-",
                "https://h/a.git?ref=r&subdir=d|https://h/a.git|https|r|d|-|-",
                "https://h/a.git?tag=v1|https://h/a.git|https|refs/tags/v1||-|-",
                "https://h/a.git?branch=b#refs/heads/b|https://h/a.git|https|refs/heads/b||-|-",
                "https://h/a.git?commit=abc|https://h/a.git|https|abc||abc|-",
                "https://h/a.git?keep-git-dir|https://h/a.git|https|||-|true",
                "https://h/a.git?keep-git-dir=0&submodules=false|https://h/a.git|https|||-|false",
            })
    void readsAddresses(
            String text,
            String remote,
            String protocol,
            @Nullable String ref,
            @Nullable String directory,
            @Nullable String checksum,
            @Nullable Boolean keep) {
        assertThat(GitAddress.parse(text))
                .contains(new GitAddress(
                        remote, protocol, ref == null ? "" : ref, directory == null ? "" : directory, checksum, keep));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h/a.git?ref=a#b",
                "https://h/a.git?foo=1",
                "https://h/a.git?ref",
                "https://h/a.git?keep-git-dir=maybe",
                "https://h/a.git?submodules=true",
                "https://h/a.git#r:../d",
            })
    void refusesAddresses(String text) {
        assertThatThrownBy(() -> GitAddress.parse(text)).isInstanceOf(InvalidParameter.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h/a",
                "https://h/a.tar.gz",
                "a.git",
                "./a.git",
                "../a.git",
                "https:///a.git",
                "ftp://h/a.git",
                "",
                "#",
                "h:a"
            })
    void otherThingsAreNoRepositories(String text) {
        assertThat(GitAddress.parse(text)).isEmpty();
    }
}
