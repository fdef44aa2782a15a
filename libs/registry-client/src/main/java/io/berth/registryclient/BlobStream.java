package io.berth.registryclient;

import io.berth.oci.Descriptor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A blob's bytes from a registry, exactly as many as its descriptor says. A connection that breaks or falls silent is replaced
 * by another one that goes on where it ended (Range); where the registry does not know ranges the part already read is skipped.
 * It does not check the digest, the receiver does. Read by one thread; interrupting that one, or closing the stream from any other, ends the download.
 */
final class BlobStream extends InputStream {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");
    private static final int PARTIAL_CONTENT = 206;

    private final RegistryConnection connection;
    private final String repository;
    private final Descriptor blob;
    private volatile @Nullable InputStream current;
    private long position;
    private int failures;
    private volatile boolean closed;

    BlobStream(RegistryConnection connection, String repository, Descriptor blob, long offset) {
        this.connection = connection;
        this.repository = repository;
        this.blob = blob;
        this.position = offset;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (closed) {
            throw new IOException("stream closed");
        }
        if (length == 0) {
            return 0;
        }
        while (position < blob.size()) {
            try {
                InputStream in = connected();
                int count = in.read(target, offset, (int) Math.min(length, blob.size() - position));
                if (count < 0) {
                    throw new EOFException("unexpected EOF");
                }
                position += count;
                failures = 0;
                return count;
            } catch (RegistryException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                again(e);
            }
        }
        return -1;
    }

    private void again(IOException failure) throws IOException {
        disconnect();
        if (closed) {
            throw failure;
        }
        failures++;
        if (failures >= connection.sender().limits().attempts()) {
            throw Failures.describe("GET", connection.endpoint().uri(path()), failure);
        }
        connection.sender().pause(failures);
    }

    private String path() {
        return repository + "/blobs/" + blob.digest();
    }

    private InputStream connected() throws IOException {
        InputStream open = current;
        if (open != null) {
            return open;
        }
        Map<String, String> headers = position == 0 ? Map.of() : Map.of("Range", "bytes=" + position + "-");
        HttpResponse<InputStream> response = connection.send(
                RegistryConnection.Call.get(connection.endpoint().uri(path()), Scope.pull(repository), headers),
                Sender.Repeat.UNLESS_BROKEN_OFF);
        switch (response.statusCode()) {
            case 200 -> response.body().skipNBytes(position);
            case PARTIAL_CONTENT -> checkRange(response);
            default -> throw RegistryConnection.refusal(response);
        }
        current = response.body();
        if (closed) {
            response.body().close();
        }
        return response.body();
    }

    private void checkRange(HttpResponse<InputStream> response) throws IOException {
        String range = response.headers().firstValue("Content-Range").orElse("");
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) != position) {
            response.body().close();
            throw RegistryException.corrupt(
                    "registry sent range \"" + range + "\" of blob " + blob.digest() + " instead of " + position + "-");
        }
    }

    private void disconnect() throws IOException {
        InputStream open = current;
        current = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        disconnect();
    }
}
