package io.berth.registry.repository;

import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list was asked for (distribution specification, "Listing Tags").
 *
 * @param size 0 to {@value #MAX_SIZE}; a larger wish gets that many and a link to the rest
 * @param last the entry before the first one wanted; empty to begin at the start
 */
public record Page(int size, String last) {
    /** Most entries of one answer. */
    public static final int MAX_SIZE = 1000;

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");
    private static final Pattern PRINTABLE = Pattern.compile("[\\x20-\\x7e]{0,255}");

    /**
     * From the query parameters {@code n} and {@code last}.
     *
     * @throws RegistryException 400 when {@code n} is not a number, or {@code last} is something no name can be
     */
    public static Page of(@Nullable String n, @Nullable String last) {
        if (n != null && !DIGITS.matcher(n).matches()) {
            throw RegistryException.of(400, ErrorCode.UNSUPPORTED, "the parameter n is not a number of entries");
        }
        requirePrintable("last", last);
        int size = n == null ? MAX_SIZE : (int) Math.min(Long.parseLong(n), MAX_SIZE);
        return new Page(size, last == null ? "" : last);
    }

    /**
     * Refuses a parameter that no name or type can be; databases choke on some of those characters.
     *
     * @throws RegistryException 400
     */
    public static void requirePrintable(String parameter, @Nullable String value) {
        if (value != null && !PRINTABLE.matcher(value).matches()) {
            throw RegistryException.of(
                    400, ErrorCode.UNSUPPORTED, "the parameter " + parameter + " is not printable or too long");
        }
    }

    /** How many entries to read in order to know whether more follow. */
    public int lookAhead() {
        return size + 1;
    }

    /** The entries of this page out of those read. */
    public <T> List<T> cut(List<T> read) {
        return read.size() > size ? read.subList(0, size) : read;
    }

    /**
     * The {@code Link} header to the next page (RFC 5988), empty when this is the last one.
     *
     * @param path of the list, with its other parameters or none
     */
    public Optional<String> nextLink(String path, List<String> read) {
        if (size == 0 || read.size() <= size) {
            return Optional.empty();
        }
        String newLast = URLEncoder.encode(read.get(size - 1), StandardCharsets.UTF_8);
        String separator = path.indexOf('?') < 0 ? "?" : "&";
        return Optional.of("<" + path + separator + "n=" + size + "&last=" + newLast + ">; rel=\"next\"");
    }
}
