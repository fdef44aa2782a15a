package io.berth.image.build;

import io.berth.docker.error.ApiException;
import io.berth.image.caller.Caller;
import io.berth.image.caller.CallerDestinations;
import io.berth.image.source.FetchedFile;
import io.berth.image.source.GitAddress;
import io.berth.image.source.GitSource;
import io.berth.image.source.HttpSource;
import io.berth.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Sources by HTTP and git, with failures as a build tells them. */
@Component
final class FetchedSources implements RemoteSources {
    private final HttpSource http;
    private final GitSource git;
    private final CallerDestinations destinations;

    FetchedSources(HttpSource http, GitSource git, CallerDestinations destinations) {
        this.destinations = destinations;
        this.http = http;
        this.git = git;
    }

    @Override
    public File fetchFile(Caller caller, String url, @Nullable String checksum, Path directory) throws IOException {
        try {
            FetchedFile file = http.fetch(
                    url, checksum == null ? null : Digest.parse(checksum), directory, null, destinations.of(caller));
            return new File(file.name(), file.digest());
        } catch (ApiException e) {
            throw new BuildFailure(e.text(), e);
        } catch (IllegalArgumentException e) {
            throw new BuildFailure("invalid checksum " + checksum + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String fetchRepository(
            Caller caller, String address, @Nullable String checksum, boolean keepGitDir, Path directory)
            throws IOException {
        GitAddress parsed = GitAddress.parse(address)
                .orElseThrow(() -> new BuildFailure("not the address of a repository: " + address));
        try {
            return git.fetch(parsed, checksum, keepGitDir, directory, null, destinations.of(caller))
                    .commit();
        } catch (ApiException e) {
            throw new BuildFailure(e.text(), e);
        }
    }

    @Override
    public boolean isRepository(String address) {
        return git.isRepository(address);
    }
}
