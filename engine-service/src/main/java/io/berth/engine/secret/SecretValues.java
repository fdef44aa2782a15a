package io.berth.engine.secret;

import io.berth.docker.error.SystemFailure;
import io.berth.engine.data.EngineProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Values at rest: {@code <data-dir>/secrets/<id>}, mode 0600, sealed with AES-256-GCM under the key in {@code <data-dir>/secrets.key}
 * (0600), so that neither a copy of the database nor one of that directory tells them. A file is 12 bytes of nonce, then the
 * sealed value, bound to its id.
 */
@Component
final class SecretValues {
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final Path directory;
    private final Path keyFile;
    private final SecureRandom random = new SecureRandom();

    SecretValues(EngineProperties engine) {
        Path data = engine.dataDir().toAbsolutePath().normalize();
        this.directory = data.resolve("secrets");
        this.keyFile = data.resolve("secrets.key");
    }

    /** Writes a value; when it returns, the value is on the device. */
    void write(String id, byte[] value) {
        try {
            Files.createDirectories(directory);
            Path _ = Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, id, nonce).doFinal(value);
            ByteBuffer content = ByteBuffer.allocate(nonce.length + sealed.length);
            writeSynced(directory.resolve(id), content.put(nonce).put(sealed).flip());
        } catch (IOException | GeneralSecurityException e) {
            throw new SystemFailure("cannot keep a value: " + e.getMessage(), e);
        }
    }

    /** Reads a value. */
    byte[] read(String id) {
        try {
            byte[] content = Files.readAllBytes(directory.resolve(id));
            if (content.length < NONCE_BYTES) {
                throw new SystemFailure("the value of " + id + " is damaged");
            }
            byte[] nonce = Arrays.copyOf(content, NONCE_BYTES);
            return cipher(Cipher.DECRYPT_MODE, id, nonce).doFinal(content, NONCE_BYTES, content.length - NONCE_BYTES);
        } catch (IOException | GeneralSecurityException e) {
            throw new SystemFailure("cannot read the value of " + id + ": " + e.getMessage(), e);
        }
    }

    /** Deletes a value; one that does not exist is fine. */
    void delete(String id) {
        try {
            boolean _ = Files.deleteIfExists(directory.resolve(id));
        } catch (IOException e) {
            throw new SystemFailure("cannot delete the value of " + id + ": " + e.getMessage(), e);
        }
    }

    /** Deletes what an engine that was killed wrote for a secret that was never recorded. */
    void keepOnly(Set<String> ids) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!ids.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new SystemFailure("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }

    private Cipher cipher(int mode, String id, byte[] nonce) throws IOException, GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, new SecretKeySpec(key(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(id.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private synchronized byte[] key() throws IOException {
        if (!Files.exists(keyFile)) {
            byte[] key = new byte[KEY_BYTES];
            random.nextBytes(key);
            writeSynced(keyFile, ByteBuffer.wrap(key));
        }
        byte[] key = Files.readAllBytes(keyFile);
        if (key.length != KEY_BYTES) {
            throw new IOException(keyFile + " is damaged");
        }
        return key;
    }

    private static void writeSynced(Path file, ByteBuffer content) throws IOException {
        FileAttribute<?> privately = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        Path beside = file.resolveSibling("." + file.getFileName() + ".new");
        boolean _ = Files.deleteIfExists(beside);
        try (FileChannel channel =
                FileChannel.open(beside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), privately)) {
            while (content.hasRemaining()) {
                int _ = channel.write(content);
            }
            channel.force(true);
        }
        Path _ = Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        Path parent = file.getParent();
        if (parent != null) {
            try (FileChannel names = FileChannel.open(parent, StandardOpenOption.READ)) {
                names.force(true);
            }
        }
    }
}
