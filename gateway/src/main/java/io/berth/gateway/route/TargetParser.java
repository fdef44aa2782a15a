package io.berth.gateway.route;

import io.berth.docker.ApiVersion;
import io.berth.docker.error.InvalidParameter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Brings a request target into canonical form or refuses it; see {@link RequestTarget#parse}. */
final class TargetParser {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    /** What may stand unescaped in a path segment: RFC 3986 pchar without the semicolon, which is refused. */
    private static final String PATH_PUNCTUATION = "-._~!$&'()*+,=:@";

    private static final String ILLEGAL_IN_QUERY = "\"<>[\\]^`{|}";
    private static final Pattern VERSION = Pattern.compile("v1\\.\\d{1,3}");
    private static final Pattern VERSION_LIKE = Pattern.compile("v[0-9.]+");
    private static final Pattern IMAGE_NAME_PREFIX = Pattern.compile("(/v1\\.\\d{1,3})?/(images|distribution)/");
    private static final int LONGEST_PREFIX = "/v1.999/distribution/".length();

    /** What {@code podman search} asks a registry; no version of Docker's API is written so. */
    private static final String SEARCH = "/v1/search";

    private TargetParser() {}

    static RequestTarget parse(String target) {
        int mark = target.indexOf('?');
        String rawPath = mark < 0 ? target : target.substring(0, mark);
        if (!rawPath.startsWith("/")) {
            throw new InvalidParameter("invalid request target: it must begin with a slash");
        }
        String decoded = decode(rawPath);
        List<String> segments = split(decoded);
        String first = segments.getFirst();
        boolean versioned = VERSION.matcher(first).matches();
        if (versioned) {
            requireKnown(first);
            segments.removeFirst();
            // What follows a version is Docker's API: the registry and the gateway's own pages have none.
            if (!segments.isEmpty() && segments.getFirst().equals("v2")) {
                throw new InvalidParameter("invalid API version: " + first + "/v2");
            }
        } else if (!first.equals("v2")
                && !decoded.equals(SEARCH)
                && VERSION_LIKE.matcher(first).matches()) {
            throw new InvalidParameter("invalid API version: " + first);
        }
        if (segments.size() == 1 && segments.getFirst().isEmpty()) {
            segments.clear();
        }
        return new RequestTarget(
                encode(decoded), mark < 0 ? null : query(target.substring(mark + 1)), versioned, segments);
    }

    /** An old client is served as the oldest version; one that is newer than the engine could not trust the answers. */
    private static void requireKnown(String version) {
        ApiVersion asked = ApiVersion.parse(version);
        if (asked.compareTo(ApiVersion.MAX) > 0) {
            throw new InvalidParameter(
                    "client version " + asked + " is too new. Maximum supported API version is " + ApiVersion.MAX);
        }
    }

    private static String decode(String path) {
        if (path.indexOf('%') < 0) {
            for (int i = 0; i < path.length(); i++) {
                check(path.charAt(i));
            }
            return path;
        }
        byte[] bytes = new byte[path.length()];
        int length = 0;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%') {
                check(c);
                bytes[length++] = (byte) c;
                continue;
            }
            int value = escape(path, i);
            i += 2;
            if (value == '%') {
                throw new InvalidParameter("invalid path: an escaped percent sign is not allowed");
            }
            if (value < 0x80) {
                check((char) value);
            }
            if (value == '/' && !insideImageName(bytes, length)) {
                throw new InvalidParameter("invalid path: an escaped slash is allowed in image names only");
            }
            bytes[length++] = (byte) value;
        }
        return utf8(bytes, length);
    }

    private static int escape(String path, int at) {
        if (at + 2 >= path.length()
                || !HexFormat.isHexDigit(path.charAt(at + 1))
                || !HexFormat.isHexDigit(path.charAt(at + 2))) {
            throw new InvalidParameter("invalid path: malformed percent escape");
        }
        return HexFormat.fromHexDigits(path, at + 1, at + 3);
    }

    /** Looks at the beginning only: a path of nothing but escaped slashes asks for each of them. */
    private static boolean insideImageName(byte[] bytes, int length) {
        return IMAGE_NAME_PREFIX
                .matcher(new String(bytes, 0, Math.min(length, LONGEST_PREFIX), StandardCharsets.ISO_8859_1))
                .lookingAt();
    }

    private static String utf8(byte[] bytes, int length) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidParameter("invalid path: escapes do not form UTF-8", e);
        }
    }

    private static void check(char c) {
        if (c < 0x20 || c == 0x7F || c > 0x7F) {
            throw new InvalidParameter("invalid path: control and non-ASCII characters must not appear");
        }
        if (c == '\\' || c == ';' || c == '#' || c == '?') {
            throw new InvalidParameter("invalid path: character '" + c + "' is not allowed");
        }
    }

    private static List<String> split(String decoded) {
        List<String> segments = new ArrayList<>(6);
        int start = 1;
        while (true) {
            int end = decoded.indexOf('/', start);
            boolean last = end < 0;
            String segment = last ? decoded.substring(start) : decoded.substring(start, end);
            // A trailing slash leaves an empty last segment, which is legitimate: /v2/
            if (segment.isEmpty() && !last) {
                throw new InvalidParameter("invalid path: empty segment");
            }
            if (segment.equals(".") || segment.equals("..")) {
                throw new InvalidParameter("invalid path: dot segment");
            }
            segments.add(segment);
            if (last) {
                return segments;
            }
            start = end + 1;
        }
    }

    private static String encode(String decoded) {
        StringBuilder encoded = null;
        int length = decoded.length();
        for (int i = 0; i < length; i++) {
            char c = decoded.charAt(i);
            if (c == '/' || isAlphanumeric(c) || PATH_PUNCTUATION.indexOf(c) >= 0) {
                if (encoded != null) {
                    encoded.append(c);
                }
                continue;
            }
            if (encoded == null) {
                encoded = new StringBuilder(length + 16).append(decoded, 0, i);
            }
            int codePoint = decoded.codePointAt(i);
            for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                encoded.append('%');
                HEX.toHexDigits(encoded, b);
            }
            i += Character.charCount(codePoint) - 1;
        }
        return encoded == null ? decoded : encoded.toString();
    }

    private static boolean isAlphanumeric(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    /** Docker takes {@code ?filters={"status":["running"]}} unescaped, the servlet container does not: escape it. */
    private static @Nullable String query(String raw) {
        StringBuilder encoded = null;
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c <= 0x20 || c >= 0x7F || c == '#') {
                throw new InvalidParameter("invalid query: control, space and non-ASCII characters must be escaped");
            }
            if (ILLEGAL_IN_QUERY.indexOf(c) >= 0) {
                if (encoded == null) {
                    encoded = new StringBuilder(raw.length() + 16).append(raw, 0, i);
                }
                encoded.append('%');
                HEX.toHexDigits(encoded, (byte) c);
            } else if (encoded != null) {
                encoded.append(c);
            }
        }
        return encoded == null ? raw : encoded.toString();
    }
}
