package io.berth.registryclient;

import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.outgoing.DestinationRefused;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Blobs of a registry's repositories: existence, mounts, uploads (distribution specification, "Push"). */
final class RemoteBlobs {
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
    private static final Pattern RECEIVED = Pattern.compile("(?:bytes=)?0-(\\d{1,18})");

    private final RegistryConnection connection;

    RemoteBlobs(RegistryConnection connection) {
        this.connection = connection;
    }

    boolean exists(String repository, Digest digest) throws IOException {
        HttpResponse<InputStream> response = head(repository, digest);
        return switch (response.statusCode()) {
            case 200 -> true;
            case 404 -> false;
            default -> throw RegistryErrors.of(response.statusCode(), response.headers(), new byte[0]);
        };
    }

    OptionalLong size(String repository, Digest digest) throws IOException {
        HttpResponse<InputStream> response = head(repository, digest);
        return switch (response.statusCode()) {
            case 200 -> {
                String size = response.headers().firstValue("Content-Length").orElse("");
                if (!LENGTH.matcher(size).matches()) {
                    throw RegistryException.corrupt("registry does not tell the size of blob " + digest);
                }
                yield OptionalLong.of(Long.parseLong(size));
            }
            case 404 -> OptionalLong.empty();
            default -> throw RegistryErrors.of(response.statusCode(), response.headers(), new byte[0]);
        };
    }

    private HttpResponse<InputStream> head(String repository, Digest digest) throws IOException {
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call(
                        "HEAD",
                        connection.endpoint().uri(repository + "/blobs/" + digest),
                        Scope.pull(repository),
                        Map.of(),
                        null),
                Sender.Repeat.ALWAYS);
        response.body().close();
        return response;
    }

    /**
     * Asks the registry to take a blob from another of its repositories.
     *
     * @return whether it did; when not nothing is left behind but an upload session that the registry lets expire
     */
    boolean mount(String repository, Digest digest, String source) throws IOException {
        String query = "?mount=" + encoded(digest.toString()) + "&from=" + encoded(source);
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call(
                        "POST",
                        connection.endpoint().uri(repository + "/blobs/uploads/" + query),
                        Scope.mount(repository, source),
                        Map.of(),
                        null),
                Sender.Repeat.ALWAYS);
        if (response.statusCode() == 202) {
            cancel(repository, connection.target(connection.endpoint().base(), response));
        }
        response.body().close();
        // Any refusal means «not like this»: the upload that follows tells what is really wrong.
        return response.statusCode() == 201;
    }

    private void cancel(String repository, URI session) throws IOException {
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call("DELETE", session, Scope.push(repository), Map.of(), null),
                Sender.Repeat.NEVER);
        response.body().close();
    }

    /**
     * Uploads a blob. A break is mended by going on where the registry says it stopped, or from the start in a new session.
     *
     * @throws RegistryException when the registry refuses or all attempts failed
     */
    void upload(String repository, Descriptor blob, UploadBody body, UploadBody.Progress progress) throws IOException {
        Optional<Session> session = Optional.empty();
        for (int attempt = 1; ; attempt++) {
            try {
                session = Optional.of(session.isPresent() ? session.get() : begin(repository));
                finish(repository, blob, transfer(repository, blob, session.get(), body, progress));
                return;
            } catch (OwnFailure e) {
                throw e.failure;
            } catch (IOException e) {
                int attempts = connection.sender().limits().attempts();
                if (attempt >= attempts || lasting(e)) {
                    throw Failures.describe("PUT", connection.endpoint().uri(repository + "/blobs/uploads/"), e);
                }
                connection.sender().pause(attempt);
                if (exists(repository, blob.digest())) {
                    return; // only the last answer was lost
                }
                session = session.flatMap(broken -> resumed(repository, broken));
            }
        }
    }

    private static boolean lasting(IOException failure) {
        if (DestinationRefused.in(failure) != null) {
            return true;
        }
        if (failure instanceof RegistryException refusal) {
            return refusal.status() >= 400
                    && refusal.status() < 500
                    && refusal.status() != 429
                    && refusal.status() != 404;
        }
        return failure instanceof InterruptedIOException;
    }

    /** Our own side of an upload failed: the blob cannot be read, or nobody wants it sent any more. */
    private static final class OwnFailure extends IOException {
        private static final long serialVersionUID = 1L;

        private final IOException failure;

        OwnFailure(IOException failure) {
            super(failure);
            this.failure = failure;
        }
    }

    /**
     * An upload session.
     *
     * @param location changes with each answer
     * @param offset bytes that the registry has
     */
    private record Session(URI location, long offset) {}

    private Session begin(String repository) throws IOException {
        URI uri = connection.endpoint().uri(repository + "/blobs/uploads/");
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call("POST", uri, Scope.push(repository), Map.of(), null), Sender.Repeat.ALWAYS);
        if (response.statusCode() != 202) {
            throw RegistryConnection.refusal(response);
        }
        response.body().close();
        return new Session(connection.target(uri, response), 0);
    }

    private URI transfer(
            String repository, Descriptor blob, Session session, UploadBody body, UploadBody.Progress progress)
            throws IOException {
        long offset = session.offset();
        if (offset >= blob.size()) {
            return session.location();
        }
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/octet-stream");
        if (offset > 0) {
            // Not on the first part: registries that stream (and know nothing of chunks) stumble over it.
            headers.put("Content-Range", offset + "-" + (blob.size() - 1));
        }
        BlobBody rest = new BlobBody(body, offset, blob.size(), progress);
        HttpResponse<InputStream> response;
        try {
            response = connection.send(
                    new RegistryConnection.Call("PATCH", session.location(), Scope.push(repository), headers, rest),
                    Sender.Repeat.NEVER);
        } catch (IOException e) {
            if (rest.ownFailure().isPresent()) {
                throw new OwnFailure(rest.ownFailure().get());
            }
            throw e;
        }
        if (response.statusCode() / 100 != 2) {
            throw RegistryConnection.refusal(response);
        }
        response.body().close();
        return connection.target(session.location(), response);
    }

    private void finish(String repository, Descriptor blob, URI location) throws IOException {
        String separator = location.getRawQuery() == null ? "?" : "&";
        URI uri = URI.create(
                location + separator + "digest=" + encoded(blob.digest().toString()));
        HttpResponse<InputStream> response = connection.send(
                new RegistryConnection.Call(
                        "PUT", uri, Scope.push(repository), Map.of("Content-Type", "application/octet-stream"), null),
                Sender.Repeat.NEVER);
        if (response.statusCode() / 100 != 2) {
            throw RegistryConnection.refusal(response);
        }
        response.body().close();
    }

    private Optional<Session> resumed(String repository, Session broken) {
        try {
            HttpResponse<InputStream> response = connection.send(
                    RegistryConnection.Call.get(broken.location(), Scope.push(repository), Map.of()),
                    Sender.Repeat.ALWAYS);
            response.body().close();
            Matcher received =
                    RECEIVED.matcher(response.headers().firstValue("Range").orElse(""));
            if (response.statusCode() != 204 || !received.matches()) {
                return Optional.empty();
            }
            long last = Long.parseLong(received.group(1));
            URI location = response.headers().firstValue("Location").isPresent()
                    ? connection.target(broken.location(), response)
                    : broken.location();
            // «0-0» means one byte or none: taking it for none sends at most one byte too many, which is refused and
            // mended.
            return Optional.of(new Session(location, last == 0 ? 0 : last + 1));
        } catch (IOException e) {
            return Optional.empty(); // a new session is as good
        }
    }

    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
