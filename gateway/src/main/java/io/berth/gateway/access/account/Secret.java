package io.berth.gateway.access.account;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * Secrets that are made here: {@code berth_} or {@code berths_} (a session), 43 digits of base 62 that are 256 random bits,
 * and six of their CRC-32, by which a scanner of logs and sources finds them and a mistyped one is told apart. One round of
 * SHA-256 hides 256 random bits well enough.
 */
public final class Secret {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
    private static final int BYTES = 32;
    private static final int LENGTH = 43;
    private static final int CHECK_LENGTH = 6;

    private Secret() {}

    /** A new one. */
    public static String make(Credential.Kind kind) {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        String digits = digits(new BigInteger(1, bytes), LENGTH);
        return prefix(kind) + digits + check(digits);
    }

    /** Whether a text is built like one of a kind; it need not be anybody's. */
    public static boolean isOne(Credential.Kind kind, String text) {
        String prefix = prefix(kind);
        if (text.length() != prefix.length() + LENGTH + CHECK_LENGTH || !text.startsWith(prefix)) {
            return false;
        }
        String digits = text.substring(prefix.length(), prefix.length() + LENGTH);
        return text.endsWith(check(digits));
    }

    private static String prefix(Credential.Kind kind) {
        return switch (kind) {
            case TOKEN -> "berth_";
            case SESSION -> "berths_";
        };
    }

    private static String check(String digits) {
        CRC32 crc = new CRC32();
        crc.update(digits.getBytes(StandardCharsets.UTF_8));
        return digits(BigInteger.valueOf(crc.getValue()), CHECK_LENGTH);
    }

    private static String digits(BigInteger number, int length) {
        StringBuilder digits = new StringBuilder(length);
        BigInteger rest = number;
        for (int i = 0; i < length; i++) {
            BigInteger[] divided = rest.divideAndRemainder(BASE);
            digits.append(DIGITS.charAt(divided[1].intValue()));
            rest = divided[0];
        }
        return digits.reverse().toString();
    }

    /** What is stored of one: 64 hexadecimal digits. */
    public static String hash(String secret) {
        return HexFormat.of().formatHex(sha256(secret));
    }

    /** What a page of the dashboard shows with each change, made from the session; nothing leads back from it. */
    public static String csrf(String secretHash) {
        return HexFormat.of().formatHex(sha256("csrf:" + secretHash), 0, 16);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
