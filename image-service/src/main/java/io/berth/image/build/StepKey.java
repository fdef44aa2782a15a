package io.berth.image.build;

import io.berth.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Makes the key of a step: a digest of everything that its result depends on. Each part is written with its length, so that no two
 * different lists of parts give the same bytes. Used by one thread.
 */
final class StepKey {
    /** Raised when a step of the same description has another result than before. */
    private static final String VERSION = "1";

    private final MessageDigest digest = Digest.newSha256();

    StepKey(String kind) {
        StepKey _ = add(VERSION).add(kind);
    }

    StepKey add(String part) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        digest.update(bytes);
        return this;
    }

    StepKey add(boolean part) {
        return add(part ? "1" : "0");
    }

    StepKey add(Digest part) {
        return add(part.toString());
    }

    StepKey add(Collection<String> parts) {
        StepKey _ = add(Integer.toString(parts.size()));
        parts.forEach(this::add);
        return this;
    }

    StepKey add(Map<String, String> parts) {
        return add(parts.entrySet().stream()
                .map(part -> part.getKey() + "=" + part.getValue())
                .toList());
    }

    Digest digest() {
        return Digest.of(digest.digest());
    }

    /** The key of some text parts. */
    static Digest of(String kind, List<String> parts) {
        return new StepKey(kind).add(parts).digest();
    }
}
