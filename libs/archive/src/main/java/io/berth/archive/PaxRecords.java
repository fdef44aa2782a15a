package io.berth.archive;

import io.berth.linux.FileNameCodec;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of a pax extended header, {@code "<length> <key>=<value>\n"} each (POSIX pax, "pax Extended Header"). Keys
 * that are not known are ignored.
 */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords();

    private static final String XATTR = "SCHILY.xattr.";
    private static final int MAX_NUMBER_LENGTH = 20;

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, ByteBuffer> xattrs = new HashMap<>();
    /** GNU sparse 0.0 repeats two keys, once per piece; kept as the text that 0.1 has in one record. */
    private final StringBuilder sparseMap = new StringBuilder();

    private PaxRecords() {}

    static PaxRecords parse(byte[] bytes) throws ArchiveFormatException {
        PaxRecords records = new PaxRecords();
        int at = 0;
        while (at < bytes.length) {
            int space = at;
            int length = 0;
            while (space < bytes.length && bytes[space] >= '0' && bytes[space] <= '9' && space - at < 9) {
                length = length * 10 + bytes[space++] - '0';
            }
            int end = at + length;
            if (space == at
                    || space >= bytes.length
                    || bytes[space] != ' '
                    || end > bytes.length
                    || end <= space + 2
                    || bytes[end - 1] != '\n') {
                throw new ArchiveFormatException("invalid pax header: malformed record");
            }
            records.add(bytes, space + 1, end - 1);
            at = end;
        }
        return records;
    }

    private void add(byte[] bytes, int from, int to) throws ArchiveFormatException {
        int equals = from;
        while (equals < to && bytes[equals] != '=') {
            equals++;
        }
        if (equals == to || equals == from) {
            throw new ArchiveFormatException("invalid pax header: record without a key");
        }
        String key = FileNameCodec.decode(bytes, from, equals - from);
        int start = equals + 1;
        if (key.startsWith(XATTR)) {
            String name = key.substring(XATTR.length());
            if (name.isEmpty() || name.indexOf('\0') >= 0) {
                throw new ArchiveFormatException("invalid pax header: bad name of an extended attribute");
            }
            xattrs.put(
                    name,
                    ByteBuffer.wrap(java.util.Arrays.copyOfRange(bytes, start, to))
                            .asReadOnlyBuffer());
            return;
        }
        String value = FileNameCodec.decode(bytes, start, to - start);
        switch (key) {
            case "GNU.sparse.offset", "GNU.sparse.numbytes" -> {
                if (value.indexOf(',') >= 0) {
                    throw new ArchiveFormatException("invalid pax header: bad sparse map");
                }
                sparseMap.append(sparseMap.isEmpty() ? "" : ",").append(value);
            }
            default -> {
                if (value.indexOf('\0') >= 0) {
                    throw new ArchiveFormatException("invalid pax header: NUL in " + FileNameCodec.printable(key));
                }
                values.put(key, value);
            }
        }
    }

    /** The value, or null when it is absent or empty, which means «as in the header». */
    @Nullable
    String get(String key) {
        String value = values.get(key);
        return value == null || value.isEmpty() ? null : value;
    }

    Map<String, ByteBuffer> xattrs() {
        return xattrs;
    }

    /** The map of a sparse file in the formats 0.0 and 0.1, or null. */
    @Nullable
    String sparseMap() {
        return sparseMap.isEmpty() ? get("GNU.sparse.map") : sparseMap.toString();
    }

    /** A decimal number, or the fallback when there is no such record. */
    long number(String key, long fallback) throws ArchiveFormatException {
        String value = get(key);
        return value == null ? fallback : parseNumber(value);
    }

    static long parseNumber(String text) throws ArchiveFormatException {
        try {
            if (text.length() <= MAX_NUMBER_LENGTH && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Long.parseLong(text);
            }
        } catch (NumberFormatException e) {
            throw new ArchiveFormatException("invalid pax header: not a number", e);
        }
        throw new ArchiveFormatException("invalid pax header: not a number");
    }

    /** A time as decimal seconds since the epoch, or the fallback. */
    Instant time(String key, long fallbackSeconds) throws ArchiveFormatException {
        String value = get(key);
        try {
            if (value == null) {
                return Instant.ofEpochSecond(fallbackSeconds);
            }
            // The length bound keeps exponents like 1e999999999 from becoming numbers of that many digits.
            if (value.length() > 40 || !value.matches("-?\\d+(\\.\\d*)?")) {
                throw new ArchiveFormatException("invalid pax header: bad time");
            }
            BigDecimal seconds = new BigDecimal(value.endsWith(".") ? value + "0" : value);
            BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
            int nanos = seconds.subtract(whole).movePointRight(9).intValue();
            return Instant.ofEpochSecond(whole.longValueExact(), nanos);
        } catch (ArithmeticException | DateTimeException e) {
            throw new ArchiveFormatException("invalid tar header: time out of range", e);
        }
    }

    /** Encodes one record; the length counts its own digits. */
    static byte[] record(String key, byte[] value) {
        byte[] keyBytes = (" " + key + "=").getBytes(StandardCharsets.UTF_8);
        int rest = keyBytes.length + value.length + 1;
        int length = rest + 1;
        while (Integer.toString(length).length() + rest != length) {
            length = Integer.toString(length).length() + rest;
        }
        byte[] digits = Integer.toString(length).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer record = ByteBuffer.allocate(length);
        record.put(digits).put(keyBytes).put(value).put((byte) '\n');
        return record.array();
    }
}
