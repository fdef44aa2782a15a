package io.berth.image.source;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.Unavailable;
import io.berth.outgoing.DestinationRefused;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.NullProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.jspecify.annotations.Nullable;

/** One fetch. */
final class GitFetch {
    private static final String WANTED = "refs/berth/wanted";
    private static final int STREAMED_FROM = 4 << 20; // bytes; larger objects are not held in memory
    private static final int MAX_REFS = 1_000_000;

    private final SourceLimits limits;
    private final GitHttp.Ways ways;
    private final Path place;
    private final GitAddress address;
    private final @Nullable String authorization;

    GitFetch(SourceLimits limits, GitHttp.Ways ways, Path place, GitAddress address, @Nullable String authorization) {
        this.limits = limits;
        this.ways = ways;
        this.place = place;
        this.address = address;
        this.authorization = authorization;
    }

    FetchedTree into(Path directory, @Nullable String checksum, boolean keepGitDir) throws IOException {
        String commit;
        FetchedTree tree;
        create();
        try (Repository repository = new Bare(place)) {
            try (RevWalk walk = new RevWalk(repository)) {
                RevCommit wanted = walk.parseCommit(fetch(repository));
                commit = wanted.name();
                if (checksum != null && !commit.startsWith(checksum)) {
                    throw new InvalidParameter("expected checksum to match " + checksum + ", got " + commit);
                }
                tree = new GitTree(limits, repository).write(wanted, address.directory(), directory);
                if (keepGitDir) {
                    GitTree.writeIndex(repository, wanted, place.resolve("index"));
                }
            } catch (org.eclipse.jgit.errors.IncorrectObjectTypeException e) {
                throw new InvalidParameter("not a commit: " + address.ref(), e);
            }
        }
        if (keepGitDir) {
            detach(commit);
            Files.move(place, directory.resolve(".git"));
        }
        return tree;
    }

    /** A bare repository. Made by hand: JGit would try out the file system with programs of this machine. */
    private void create() throws IOException {
        Files.createDirectories(place.resolve("objects/pack"));
        Files.createDirectories(place.resolve("refs/heads"));
        Files.writeString(place.resolve("HEAD"), "ref: refs/heads/master\n");
        Files.writeString(place.resolve("config"), """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = true
                \tstreamFileThreshold = %d
                \tdeltaBaseCacheLimit = %d
                [gc]
                \tauto = 0
                [protocol]
                \tversion = 2
                """.formatted(STREAMED_FROM, STREAMED_FROM));
    }

    private ObjectId fetch(Repository repository) throws IOException {
        try (Transport transport = open(repository)) {
            transport.setTimeout((int) Math.max(1, limits.silence().toSeconds()));
            transport.setTagOpt(TagOpt.NO_TAGS);
            if (transport instanceof TransportHttp http) {
                http.setHttpConnectionFactory(new GitHttp(limits, ways, authorization));
            }
            Map<String, Ref> refs = advertised(transport);
            Ref ref = choose(refs, address.ref());
            if (ref != null) {
                return fetchRef(transport, repository, ref.getName());
            }
            if (!address.ref().matches("[0-9a-f]{40}")) {
                throw new InvalidParameter(
                        "repository does not contain ref " + address.ref() + ", output: \"\""); // as BuildKit has it
            }
            return fetchCommit(transport, repository, ObjectId.fromString(address.ref()));
        } catch (NotSupportedException | URISyntaxException e) {
            throw new InvalidParameter("failed to fetch " + address.remote() + ": " + e.getMessage(), e);
        } catch (TransportException e) {
            DestinationRefused refused = DestinationRefused.in(e);
            if (refused != null) {
                throw new Forbidden("failed to fetch " + address.remote() + ": " + refused.getMessage(), e);
            }
            throw new Unavailable("failed to fetch " + address.remote() + ": " + reason(e), e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause == failure || cause.getMessage() == null
                ? String.valueOf(failure.getMessage())
                : failure.getMessage() + ": " + cause.getMessage();
    }

    private Transport open(Repository repository) throws IOException, URISyntaxException {
        URIish uri = new URIish(address.remote());
        // JGit would take anything else for a path of this machine.
        if (!uri.isRemote() || !address.protocol().equals(uri.getScheme())) {
            throw new InvalidParameter("invalid address of a repository: " + address.remote());
        }
        return Transport.open(repository, uri);
    }

    private static Map<String, Ref> advertised(Transport transport) throws IOException {
        Map<String, Ref> refs = new HashMap<>();
        try (FetchConnection connection = transport.openFetch()) {
            for (Ref ref : connection.getRefs()) {
                if (refs.size() >= MAX_REFS) {
                    throw new InvalidParameter("repository has more than " + MAX_REFS + " references");
                }
                refs.put(ref.getName(), ref);
            }
        }
        return refs;
    }

    /** A branch before a tag of the same name, as git has it. */
    private static @Nullable Ref choose(Map<String, Ref> refs, String ref) {
        List<String> names = ref.isEmpty()
                ? List.of(Constants.HEAD)
                : List.of(Constants.R_HEADS + ref, Constants.R_TAGS + ref, Constants.R_REFS + ref, ref);
        for (String name : names) {
            Ref found = refs.get(name);
            if (found != null && found.getObjectId() != null) {
                return found;
            }
        }
        return null;
    }

    private static ObjectId fetchRef(Transport transport, Repository repository, String name) throws IOException {
        transport.setDepth(1);
        return fetched(transport, repository, List.of(new RefSpec("+" + name + ":" + WANTED)));
    }

    private static ObjectId fetched(Transport transport, Repository repository, List<RefSpec> specs)
            throws IOException {
        var _ = transport.fetch(NullProgressMonitor.INSTANCE, specs);
        Ref wanted = repository.exactRef(WANTED);
        if (wanted == null || wanted.getObjectId() == null) {
            throw new TransportException("server sent nothing");
        }
        return wanted.getObjectId();
    }

    /** A commit that no reference leads to: servers may or may not give it out by its name. */
    private ObjectId fetchCommit(Transport transport, Repository repository, ObjectId commit) throws IOException {
        try {
            transport.setDepth(1);
            return fetched(transport, repository, List.of(new RefSpec("+" + commit.name() + ":" + WANTED)));
        } catch (TransportException e) {
            if (Thread.currentThread().isInterrupted()) {
                throw e;
            }
        }
        try (Transport whole = open(repository)) {
            whole.setTimeout((int) Math.max(1, limits.silence().toSeconds()));
            if (whole instanceof TransportHttp http) {
                http.setHttpConnectionFactory(new GitHttp(limits, ways, authorization));
            }
            List<RefSpec> all = new ArrayList<>();
            all.add(new RefSpec("+refs/heads/*:refs/remotes/origin/*"));
            all.add(new RefSpec("+refs/tags/*:refs/tags/*"));
            var _ = whole.fetch(NullProgressMonitor.INSTANCE, all);
        } catch (URISyntaxException e) {
            throw new InvalidParameter("invalid address of a repository: " + address.remote(), e);
        }
        if (!repository.getObjectDatabase().has(commit)) {
            throw new InvalidParameter("repository does not contain commit " + commit.name());
        }
        return commit;
    }

    /** Makes the repository one that has been cloned and has this commit checked out. */
    private void detach(String commit) throws IOException {
        Files.writeString(place.resolve("HEAD"), commit + "\n");
        Files.deleteIfExists(place.resolve("FETCH_HEAD"));
        Files.writeString(place.resolve("config"), """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = false
                [remote "origin"]
                \turl = %s
                \tfetch = +refs/heads/*:refs/remotes/origin/*
                """.formatted(quoted(address.remote())));
    }

    /** A value of git's configuration, whatever is in it. */
    private static String quoted(String value) {
        return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /** Without housekeeping, which would go on in the background after the directory is gone. */
    private static final class Bare extends FileRepository {
        Bare(Path place) throws IOException {
            super(place.toFile());
        }

        @Override
        public void autoGC(ProgressMonitor monitor) {
            // it is used once
        }
    }
}
