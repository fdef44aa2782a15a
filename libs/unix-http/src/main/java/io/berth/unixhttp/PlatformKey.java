package io.berth.unixhttp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * The platform's own credential: a secret that the launcher writes into the run directory (mode 0600) and that every call
 * between the services carries in the header {@value #HEADER}. It says «this comes from the platform», not who the user is.
 */
public final class PlatformKey {
    /** The header that carries the credential; the gateway strips it from what clients send. */
    public static final String HEADER = "Berth-Platform-Key";

    private static final int MIN_LENGTH = 32;

    private final byte[] secret;

    private PlatformKey(byte[] secret) {
        this.secret = secret;
    }

    /**
     * Reads the credential from a file.
     *
     * @throws UncheckedIOException when the file cannot be read
     * @throws IllegalStateException when it holds less than 32 characters
     */
    public static PlatformKey read(Path file) {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the platform key file " + file, e);
        }
        if (text.length() < MIN_LENGTH) {
            throw new IllegalStateException("the platform key in " + file + " is shorter than 32 characters");
        }
        return new PlatformKey(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether the offered value is the credential; takes the same time for any wrong value of the same length. */
    public boolean matches(String offered) {
        return MessageDigest.isEqual(secret, offered.getBytes(StandardCharsets.UTF_8));
    }

    /** The value to send. Never log it. */
    public String headerValue() {
        return new String(secret, StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "PlatformKey[redacted]";
    }
}
