package io.berth.image.source;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.Unavailable;
import io.berth.oci.Digest;
import io.berth.outgoing.DestinationRefused;
import io.berth.outgoing.Destinations;
import io.berth.outgoing.OutgoingClient;
import io.berth.outgoing.OutgoingResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Fetches one file by HTTP or HTTPS.
 *
 * <p>Redirects are followed, but not from a public address to a private one (which would let a public server look around in
 * here), and credentials stay with the host they are for. Sizes and times have limits. What has an entity tag is kept, and asked for
 * again with it. Thread-safe.
 */
public final class HttpSource implements AutoCloseable {
    private static final String USER_AGENT = "berth/0.1";
    private static final String UNNAMED = "__unnamed__";
    private static final int BUFFER = 64 * 1024;

    private final SourceLimits limits;
    private final HttpFileCache cache;
    private final Destinations afterPublic;
    private final OutgoingClient client;

    HttpSource(SourceLimits limits, HttpFileCache cache) {
        this(limits, cache, Destinations.publicAnd(List.of()));
    }

    /** @param afterPublic where an address that is one of these may redirect to */
    HttpSource(SourceLimits limits, HttpFileCache cache, Destinations afterPublic) {
        this.limits = limits;
        this.cache = cache;
        this.afterPublic = afterPublic;
        this.client = new OutgoingClient(limits.connectTimeout(), limits.silence());
    }

    /** Keeping nothing. */
    public HttpSource(SourceLimits limits) {
        this(limits, new HttpFileCache(Path.of(""), 0));
    }

    @Override
    public void close() {
        client.close();
    }

    /**
     * Fetches a file.
     *
     * @param url {@code http:} or {@code https:}
     * @param expected the digest it must have, null for any
     * @param directory an existing one that has no file of that name
     * @param authorization a header for the host of the address alone; what is fetched with one is not kept
     * @param destinations that the file may come from, also where the address redirects to
     * @throws Forbidden for an address that is none of them
     * @throws InvalidParameter for an address that is none, an answer of status 400 and above other than the ones below, a forbidden
     *     redirect, a wrong digest, a file that is too large
     * @throws NotFound for status 404 and 410
     * @throws Unavailable when the server does not answer, breaks off or takes too long
     */
    public FetchedFile fetch(
            String url,
            @Nullable Digest expected,
            Path directory,
            @Nullable String authorization,
            Destinations destinations)
            throws IOException {
        URI start = parse(url);
        String key = withoutFragment(url);
        Optional<HttpFileCache.Entry> kept = authorization == null ? cache.find(key) : Optional.empty();
        if (kept.isPresent() && kept.get().digest().equals(expected)) {
            requireReachable(start, destinations);
            Optional<FetchedFile> copy = copy(key, kept.get(), start, directory);
            if (copy.isPresent()) {
                return copy.get();
            }
            kept = Optional.empty();
        }
        HttpResponse<InputStream> response =
                open(start, authorization, kept.map(HttpFileCache.Entry::tag).orElse(null), destinations);
        try (InputStream body = response.body()) {
            if (response.statusCode() == 304 && kept.isPresent()) {
                FetchedFile copy = copy(key, kept.get(), start, directory)
                        .orElseThrow(() -> new Unavailable("file kept for " + url + " is damaged"));
                verify(url, copy, expected);
                return copy;
            }
            if (response.statusCode() != 200) {
                throw refused(response);
            }
            String disposition = dispositionName(response.headers());
            String name = name(start, disposition);
            FetchedFile file = receive(url, response, body, directory.resolve(name), name);
            verify(url, file, expected);
            response.headers()
                    .firstValue("ETag")
                    .filter(tag -> authorization == null && !tag.isBlank())
                    .ifPresent(tag -> cache.keep(key, tag, file, disposition));
            return file;
        }
    }

    private static URI parse(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (uri.getHost() == null || !Set.of("http", "https").contains(scheme)) {
                throw new InvalidParameter("invalid address of a file: " + url);
            }
            if (uri.getUserInfo() != null) {
                throw new InvalidParameter("address of a file must not hold credentials");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new InvalidParameter("invalid address of a file: " + url, e);
        }
    }

    private static String withoutFragment(String url) {
        int hash = url.indexOf('#');
        return hash < 0 ? url : url.substring(0, hash);
    }

    private HttpResponse<InputStream> open(
            URI start, @Nullable String authorization, @Nullable String tag, Destinations destinations)
            throws IOException {
        URI uri = start;
        Destinations wanted = destinations;
        for (int redirects = 0; ; redirects++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                    .timeout(limits.silence())
                    .header("User-Agent", USER_AGENT)
                    .header("Accept-Encoding", "identity");
            if (authorization != null && sameOrigin(start, uri)) {
                request.header("Authorization", authorization);
            }
            if (tag != null) {
                request.header("If-None-Match", tag);
            }
            OutgoingResponse response;
            try {
                response = send(request.build(), wanted);
            } catch (DestinationRefused e) {
                throw wanted.equals(destinations)
                        ? refused(uri, e)
                        : new InvalidParameter(
                                "redirect from a public to a private address refused: " + uri.getHost(), e);
            }
            Optional<String> location = response.headers().firstValue("Location");
            if (!Set.of(301, 302, 303, 307, 308).contains(response.statusCode()) || location.isEmpty()) {
                return response;
            }
            response.body().close();
            if (redirects == limits.maxRedirects()) {
                throw new InvalidParameter("more than " + limits.maxRedirects() + " redirects from " + start);
            }
            if (!limits.privateRedirects() && afterPublic.allows(uri.getHost(), port(uri), response.address())) {
                wanted = afterPublic;
            }
            uri = target(uri, location.get());
        }
    }

    private static URI target(URI from, String location) {
        try {
            return parse(from.resolve(new URI(location)).toString());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new InvalidParameter("redirect to an invalid address: " + location, e);
        }
    }

    private static boolean sameOrigin(URI first, URI second) {
        return first.getScheme().equalsIgnoreCase(second.getScheme())
                && first.getHost().equalsIgnoreCase(second.getHost())
                && first.getPort() == second.getPort();
    }

    private static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }

    /** What is kept here may come from where only others may fetch it. */
    private static void requireReachable(URI uri, Destinations destinations) {
        try {
            var _ = destinations.resolve(uri.getHost(), port(uri));
        } catch (DestinationRefused e) {
            throw refused(uri, e);
        } catch (UnknownHostException e) {
            return; // it was known once
        }
    }

    private static Forbidden refused(URI uri, DestinationRefused e) {
        return new Forbidden("failed to fetch " + uri + ": " + e.getMessage(), e);
    }

    private OutgoingResponse send(HttpRequest request, Destinations destinations) throws IOException {
        try {
            return client.send(request, destinations);
        } catch (DestinationRefused e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("fetching " + request.uri() + " was interrupted", e);
        } catch (IOException e) {
            throw new Unavailable("failed to fetch " + request.uri() + ": " + reason(e), e);
        }
    }

    private String reason(IOException e) {
        if (e instanceof HttpTimeoutException) {
            return "nothing came for " + limits.silence();
        }
        return e.getMessage() == null || e.getMessage().isEmpty() ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static RuntimeException refused(HttpResponse<InputStream> response) {
        String message = "invalid response status " + response.statusCode() + " from " + response.uri();
        return switch (response.statusCode()) {
            case 404, 410 -> new NotFound(message);
            case 408, 429, 500, 502, 503, 504 -> new Unavailable(message);
            default -> new InvalidParameter(message);
        };
    }

    private FetchedFile receive(
            String url, HttpResponse<InputStream> response, InputStream body, Path path, String name)
            throws IOException {
        long announced = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        if (announced > limits.maxBytes()) {
            throw tooLarge(url);
        }
        MessageDigest digest = Digest.newSha256();
        long size = 0;
        Instant end = Instant.now().plus(limits.maxDuration());
        AtomicLong lastByte = new AtomicLong(System.nanoTime());
        boolean complete = false;
        try (OutputStream out = create(path);
                Watchdog watchdog = new Watchdog(() -> slow(end, lastByte), () -> close(body))) {
            byte[] buffer = new byte[BUFFER];
            while (true) {
                int count;
                try {
                    count = body.read(buffer);
                } catch (IOException e) {
                    String objection = watchdog.objection();
                    throw new Unavailable(
                            "failed to fetch " + url + ": " + (objection == null ? reason(e) : objection), e);
                }
                if (count < 0) {
                    break;
                }
                lastByte.set(System.nanoTime());
                size += count;
                if (size > limits.maxBytes()) {
                    throw tooLarge(url);
                }
                digest.update(buffer, 0, count);
                out.write(buffer, 0, count);
            }
            if (watchdog.objection() != null || (announced >= 0 && size != announced)) {
                throw new Unavailable("failed to fetch " + url + ": it broke off after " + size + " bytes");
            }
            complete = true;
        } finally {
            if (!complete) {
                Files.deleteIfExists(path);
            }
        }
        Instant modified = response.headers()
                .firstValue("Last-Modified")
                .map(HttpSource::date)
                .orElse(null);
        if (modified != null) {
            Files.setLastModifiedTime(path, FileTime.from(modified));
        }
        return new FetchedFile(path, name, Digest.of(digest.digest()), size, modified);
    }

    private @Nullable String slow(Instant end, AtomicLong lastByte) {
        if (Instant.now().isAfter(end)) {
            return "it takes longer than " + limits.maxDuration();
        }
        return System.nanoTime() - lastByte.get() > limits.silence().toNanos()
                ? "nothing came for " + limits.silence()
                : null;
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            return; // it is given up anyway
        }
    }

    private static OutputStream create(Path path) throws IOException {
        return java.nio.channels.Channels.newOutputStream(Files.newByteChannel(
                path,
                EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    private InvalidParameter tooLarge(String url) {
        return new InvalidParameter(url + " is larger than " + limits.maxBytes() + " bytes");
    }

    private static void verify(String url, FetchedFile file, @Nullable Digest expected) throws IOException {
        if (expected != null && !expected.equals(file.digest())) {
            Files.deleteIfExists(file.path());
            throw new InvalidParameter(
                    "digest mismatch for " + url + ": " + file.digest() + " (expected: " + expected + ")");
        }
    }

    /** A copy of a kept file, if it is still what it was. */
    private Optional<FetchedFile> copy(String key, HttpFileCache.Entry entry, URI start, Path directory)
            throws IOException {
        String name = name(start, entry.dispositionName());
        Path path = directory.resolve(name);
        MessageDigest digest = Digest.newSha256();
        long size = 0;
        try (InputStream in = Files.newInputStream(entry.body());
                OutputStream out = create(path)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
                out.write(buffer, 0, count);
                size += count;
            }
        } catch (java.nio.file.NoSuchFileException e) {
            Files.deleteIfExists(path);
            return Optional.empty(); // another build has made room
        }
        if (!entry.digest().matches(digest.digest())) {
            Files.deleteIfExists(path);
            cache.drop(key);
            return Optional.empty();
        }
        cache.used(entry);
        if (entry.modified() != null) {
            Files.setLastModifiedTime(path, FileTime.from(entry.modified()));
        }
        return Optional.of(new FetchedFile(path, name, entry.digest(), size, entry.modified()));
    }

    /** The last part of the address's path; else what the server calls it. */
    static String name(URI uri, String dispositionName) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        String name = plainName(path.replaceAll("/+$", ""));
        return name.isEmpty() ? dispositionName.isEmpty() ? UNNAMED : dispositionName : name;
    }

    private static String dispositionName(HttpHeaders headers) {
        return headers.firstValue("Content-Disposition")
                .map(HttpSource::fileName)
                .orElse("");
    }

    /** The {@code filename} of a Content-Disposition header (RFC 6266), without any directories. */
    static String fileName(String disposition) {
        var matcher = java.util.regex.Pattern.compile(";\\s*filename=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^;\\s]+))")
                .matcher(disposition);
        if (!matcher.find()) {
            return "";
        }
        return plainName(
                matcher.group(1) == null ? matcher.group(2) : matcher.group(1).replaceAll("\\\\(.)", "$1"));
    }

    private static String plainName(String path) {
        String name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        boolean plain = !name.equals(".")
                && !name.equals("..")
                && name.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= 255;
        return plain && name.chars().noneMatch(c -> c < ' ' || c == 0x7f) ? name : "";
    }

    private static @Nullable Instant date(String text) {
        try {
            return ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeParseException e) {
            return null;
        }
    }
}
