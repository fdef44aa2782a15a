package io.berth.registryclient;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificates that a directory has for one registry host, laid out as Docker does (docs: "Verify repository client with
 * certificates"): every {@code *.crt} is trusted beside the system's own authorities, every {@code x.cert} with its {@code
 * x.key} is shown to the host.
 */
final class HostCertificates {
    private static final char[] NO_PASSWORD = new char[0];

    private HostCertificates() {}

    /**
     * A TLS context for the host of a directory.
     *
     * @throws IOException in Docker's words when a file is missing or cannot be read
     */
    static SSLContext context(Path directory) throws IOException {
        List<X509Certificate> trusted = new ArrayList<>();
        KeyStore own = emptyStore();
        for (Path file : files(directory)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".crt")) {
                trusted.addAll(PemFile.read(file).certificates());
            } else if (name.endsWith(".cert")) {
                Path key = file.resolveSibling(name.substring(0, name.length() - ".cert".length()) + ".key");
                if (!Files.exists(key)) {
                    throw new IOException("missing key " + key.getFileName() + " for client certificate " + name
                            + ". CA certificates must use the extension .crt");
                }
                add(
                        own,
                        name,
                        PemFile.read(key).privateKey(),
                        PemFile.read(file).certificates());
            } else if (name.endsWith(".key")) {
                Path certificate = file.resolveSibling(name.substring(0, name.length() - ".key".length()) + ".cert");
                if (!Files.exists(certificate)) {
                    throw new IOException(
                            "missing client certificate " + certificate.getFileName() + " for key " + name);
                }
            }
        }
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);
            return context(keys.getKeyManagers(), trustManagers(trusted));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use the certificates in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** A TLS context that believes every certificate: for registries that are configured as insecure. */
    static SSLContext trustingAnybody() {
        try {
            return context(null, new TrustManager[] {new TrustAnybody()});
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no TLS", e);
        }
    }

    private static SSLContext context(KeyManager @Nullable [] keys, TrustManager[] trust)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust, null);
        return context;
    }

    private static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(files::add);
        }
        Collections.sort(files);
        return files;
    }

    private static KeyStore emptyStore() throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static void add(KeyStore store, String name, PrivateKey key, List<X509Certificate> chain)
            throws IOException {
        try {
            store.setKeyEntry(name, key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use client certificate " + name + ": " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trustManagers(List<X509Certificate> more)
            throws GeneralSecurityException, IOException {
        TrustManagerFactory system = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        system.init((KeyStore) null);
        KeyStore all = emptyStore();
        int number = 0;
        for (TrustManager manager : system.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                for (X509Certificate issuer : x509.getAcceptedIssuers()) {
                    all.setCertificateEntry("system-" + number++, issuer);
                }
            }
        }
        for (X509Certificate certificate : more) {
            all.setCertificateEntry("own-" + number++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(all);
        return factory.getTrustManagers();
    }
}
