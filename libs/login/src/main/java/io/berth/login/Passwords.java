package io.berth.login;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/**
 * Passwords that people choose, as bcrypt hashes. Thread-safe; each question takes some 60 ms of a processor, so it is never asked on an event
 * loop. A wrong password takes as long as an unknown name.
 */
public final class Passwords {
    /** Rounds as a power of two. */
    private static final int COST = 10;

    /** bcrypt looks at no more (BCryptPasswordEncoder refuses more since CVE-2025-22228). */
    private static final int MAX_BYTES = 72;

    private static final int MIN_CHARACTERS = 8;

    private final BCryptPasswordEncoder bcrypt = new BCryptPasswordEncoder(COST);
    private final String nobodys = encoded(random());
    private final Semaphore turns;

    /** @param atOnce passwords that are looked at side by side: guessing must not take all processors */
    public Passwords(int atOnce) {
        this.turns = new Semaphore(atOnce, true);
    }

    private static String random() {
        byte[] bytes = new byte[32];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * What is stored of a password.
     *
     * @throws IllegalArgumentException for one that is too short or longer than bcrypt can tell apart
     */
    public String hash(String password) {
        if (password.length() < MIN_CHARACTERS) {
            throw new IllegalArgumentException("a password has at least " + MIN_CHARACTERS + " characters");
        }
        if (bytes(password) > MAX_BYTES) {
            throw new IllegalArgumentException("a password has at most " + MAX_BYTES + " bytes");
        }
        return encoded(password);
    }

    /** Null only for null, says the encoder's contract. */
    private String encoded(String password) {
        return Objects.requireNonNull(bcrypt.encode(password));
    }

    /**
     * Whether a password is the one of a hash.
     *
     * @param hash null when there is no such user, or they have no password: false after as much work
     */
    public boolean matches(@Nullable String hash, String password) {
        boolean tooLong = bytes(password) > MAX_BYTES;
        turns.acquireUninterruptibly();
        try {
            boolean right = bcrypt.matches(tooLong ? "" : password, hash == null ? nobodys : hash);
            return right && hash != null && !tooLong;
        } finally {
            turns.release();
        }
    }

    private static int bytes(String password) {
        return password.getBytes(StandardCharsets.UTF_8).length;
    }
}
