package io.berth.registry.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.berth.registry.audit.AuditLog;
import io.berth.registry.durability.DataDirectory;
import io.berth.registry.durability.DurableFiles;
import io.berth.registry.durability.DurableTransactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The keys that sign access tokens (P-256). Each process signs with one of its own, whose private part is a file in {@code keys/}:
 * {@code <kid>.jwk}, mode 0600, in the format of RFC 7517. Every process verifies what any other has signed, by the public parts in
 * the database, until it has expired. Thread-safe.
 */
@Component
public class SigningKeys {
    private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);
    private static final String SUFFIX = ".jwk";
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);
    /** How long what the database says of a key is believed. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private static final int REMEMBERED = 256;
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");

    private final DataDirectory data;
    private final TokenProperties properties;
    private final PublishedKeys published;
    private final AuditLog audit;
    private final DurableTransactions transactions;
    private final Clock clock = Clock.systemUTC();
    private final ConcurrentMap<String, Looked> known = new ConcurrentHashMap<>();
    /** The key that signs; by this object's lock, null until the files have been read. */
    private @Nullable ECKey current;

    SigningKeys(
            DataDirectory data,
            TokenProperties properties,
            PublishedKeys published,
            AuditLog audit,
            DurableTransactions transactions) {
        this.data = data;
        this.properties = properties;
        this.published = published;
        this.audit = audit;
        this.transactions = transactions;
    }

    /** What the database has said of a key, and when. */
    private record Looked(PublishedKeys.Published key, long atNanos) {}

    /**
     * A key as others may see it.
     *
     * @param expires when it stops verifying; null for one that signs
     */
    public record Known(
            String kid, Instant created, @Nullable Instant expires, Map<String, Object> publicKey) {}

    /** The key to sign with, a new one when the last is too old or was retired by another process. */
    synchronized ECKey signing() {
        ECKey key = loaded();
        boolean usable = Duration.between(created(key), clock.instant()).compareTo(properties.rotateAfter()) < 0
                && look(key.getKeyID()).filter(row -> !row.retired()).isPresent();
        return usable ? key : replace();
    }

    /** The public key of an id; empty for an unknown or expired one. */
    Optional<ECKey> verification(String kid) {
        return look(kid)
                .filter(key -> key.verifiesUntil().isAfter(clock.instant()))
                .map(PublishedKeys.Published::publicKey);
    }

    private Optional<PublishedKeys.Published> look(String kid) {
        Looked before = known.get(kid);
        long now = System.nanoTime();
        if (before != null && now - before.atNanos() < FRESH.toNanos()) {
            return Optional.of(before.key());
        }
        Optional<PublishedKeys.Published> found = published.find(kid);
        if (known.size() >= REMEMBERED) {
            known.clear();
        }
        found.ifPresentOrElse(key -> known.put(kid, new Looked(key, now)), () -> known.remove(kid));
        return found;
    }

    /** Replaces all signing keys, each process its own as soon as it sees that. The id of this process's new one. */
    public synchronized String rotate() {
        var _ = loaded();
        published.retireAll(lastTokenUntil(clock.instant()));
        return replace().getKeyID();
    }

    /** All keys of all processes, the newest first. */
    public synchronized List<Known> all() {
        var _ = loaded();
        Instant now = clock.instant();
        return published.all().stream()
                .filter(key -> key.verifiesUntil().isAfter(now))
                .map(key -> new Known(
                        key.kid(),
                        key.createdAt(),
                        key.retired() ? key.verifiesUntil() : null,
                        key.publicKey().toJSONObject()))
                .toList();
    }

    private Instant lastTokenUntil(Instant signedUntil) {
        return signedUntil.plus(properties.lifetime()).plus(CLOCK_SKEW);
    }

    private ECKey loaded() {
        ECKey before = current;
        if (before != null) {
            return before;
        }
        ECKey newest = null;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data.keys(), "*" + SUFFIX)) {
            for (Path file : files) {
                ECKey key = read(file);
                boolean signs = key.isPrivate();
                publish(key, !signs);
                if (!signs) {
                    Files.delete(file); // kept here by an early version
                } else if (newest == null || created(newest).isBefore(created(key))) {
                    newest = key;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the keys in " + data.keys(), e);
        }
        if (newest == null) {
            return replace();
        }
        current = newest;
        return newest;
    }

    private void publish(ECKey key, boolean retired) {
        Instant until = key.getExpirationTime() == null
                ? lastTokenUntil(created(key).plus(properties.rotateAfter()))
                : key.getExpirationTime().toInstant();
        published.publish(new PublishedKeys.Published(key.getKeyID(), key.toPublicJWK(), created(key), until, retired));
        known.remove(key.getKeyID());
    }

    private static ECKey read(Path file) throws IOException {
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (mode.stream().anyMatch(OTHERS::contains)) {
            throw new IOException(file + " can be read by others: remove it, and a new key will be made");
        }
        try {
            return ECKey.parse(Files.readString(file));
        } catch (ParseException e) {
            throw new IOException(file + " is no key: remove it, and a new one will be made", e);
        }
    }

    private ECKey replace() {
        ECKey before = current;
        Instant now = clock.instant();
        try {
            ECKey fresh = new ECKeyGenerator(Curve.P_256)
                    .keyID(UUID.randomUUID().toString())
                    .keyUse(KeyUse.SIGNATURE)
                    .issueTime(Date.from(now))
                    .generate();
            write(fresh);
            publish(fresh, false); // before the first token of it is given out
            current = fresh;
            if (before != null) {
                published.retire(before.getKeyID(), lastTokenUntil(now));
                known.remove(before.getKeyID());
                Files.deleteIfExists(data.keys().resolve(before.getKeyID() + SUFFIX));
            }
            published.deleteExpired(now);
            transactions.committed(() -> {
                audit.record("key.rotate", fresh.getKeyID(), Map.of());
                return true;
            });
            LOG.atInfo().addKeyValue("kid", fresh.getKeyID()).log("signing key made");
            return fresh;
        } catch (JOSEException e) {
            throw new IllegalStateException("this Java has no P-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write a key into " + data.keys(), e);
        }
    }

    private void write(ECKey key) throws IOException {
        Path fresh = data.keys().resolve(key.getKeyID() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(key.toJSONString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        DurableFiles.rename(fresh, data.keys(), key.getKeyID() + SUFFIX);
    }

    private static Instant created(ECKey key) {
        return key.getIssueTime() == null ? Instant.EPOCH : key.getIssueTime().toInstant();
    }
}
