package io.berth.image.build.sbom;

import io.berth.image.build.PackageUrl;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the packages in Java archives, and in archives within those: by Maven's {@code pom.properties}, else by the manifest and the
 * file's name. Read from front to end, so that a hostile archive costs no memory; how much all of them may unpack to is limited.
 * For one thread.
 */
final class JavaArchives {
    private static final int MAX_DEPTH = 3;
    private static final int MAX_TEXT_BYTES = 256 * 1024;
    /** What a file system takes; a name within an archive may be longer, and matching takes the square of its length. */
    private static final int MAX_NAME = 255;

    private static final Pattern VERSIONED = Pattern.compile("(.+?)-(\\d[A-Za-z0-9.+_-]*)\\.[a-z]+");

    private long left;

    /** @param maxBytes what all archives together may unpack to */
    JavaArchives(long maxBytes) {
        this.left = maxBytes;
    }

    static boolean isArchive(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".jar") || lower.endsWith(".war") || lower.endsWith(".ear");
    }

    /** Whether the limit was reached, so that something may be missing. */
    boolean exhausted() {
        return left <= 0;
    }

    /** Reads an archive; what is no archive has no packages. */
    List<SoftwarePackage> read(InputStream archive, String path) {
        List<SoftwarePackage> found = new ArrayList<>();
        read(archive, path, found, 0);
        return found;
    }

    private void read(InputStream archive, String path, List<SoftwarePackage> found, int depth) {
        @Nullable Manifest manifest = null;
        List<SoftwarePackage> own = new ArrayList<>();
        // Not closed: what is around it goes on.
        ZipInputStream zip = new ZipInputStream(archive, StandardCharsets.UTF_8);
        try {
            for (ZipEntry entry = zip.getNextEntry();
                    entry != null && left > 0 && found.size() + own.size() < RootFileSystemScan.MAX_PACKAGES;
                    entry = zip.getNextEntry()) {
                InputStream content = new Counted(zip);
                String name = entry.getName();
                if (name.equals("META-INF/MANIFEST.MF")) {
                    manifest = manifest(content.readNBytes(MAX_TEXT_BYTES));
                } else if (name.startsWith("META-INF/maven/") && name.endsWith("/pom.properties")) {
                    maven(content.readNBytes(MAX_TEXT_BYTES), path).ifPresent(own::add);
                } else if (isArchive(name) && depth < MAX_DEPTH) {
                    read(content, path + "!/" + name, found, depth + 1);
                }
                long _ = content.skip(Long.MAX_VALUE);
            }
        } catch (IOException | IllegalArgumentException e) {
            // Cut off, or no archive: what was read so far counts.
        }
        if (own.isEmpty() && manifest != null) {
            described(manifest, path).ifPresent(own::add);
        }
        found.addAll(own);
    }

    private static @Nullable Manifest manifest(byte[] text) {
        try {
            return new Manifest(new ByteArrayInputStream(text));
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
    }

    private static Optional<SoftwarePackage> maven(byte[] text, String path) throws IOException {
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(text));
        String group = properties.getProperty("groupId", "");
        String artifact = properties.getProperty("artifactId", "");
        String version = properties.getProperty("version", "");
        if (group.isEmpty() || artifact.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SoftwarePackage(
                "maven",
                group + ":" + artifact,
                version,
                PackageUrl.of("maven", group + "/" + artifact, version, Map.of()),
                "",
                "",
                path));
    }

    private static Optional<SoftwarePackage> described(Manifest manifest, String path) {
        Attributes attributes = manifest.getMainAttributes();
        String fileName = path.substring(path.lastIndexOf('/') + 1);
        Matcher file = VERSIONED.matcher(fileName);
        boolean versioned = fileName.length() <= MAX_NAME && file.matches();
        String name = first(attributes, "Implementation-Title", "Bundle-SymbolicName", "Automatic-Module-Name");
        String version = first(attributes, "Implementation-Version", "Bundle-Version");
        if (versioned) {
            name = file.group(1);
            version = version.isEmpty() ? file.group(2) : version;
        }
        if (name.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SoftwarePackage(
                "maven",
                name.split(";", 2)[0],
                version,
                "",
                first(attributes, "Bundle-License"),
                first(attributes, "Implementation-Vendor", "Bundle-Vendor"),
                path));
    }

    private static String first(Attributes attributes, String... names) {
        for (String name : names) {
            String value = Objects.requireNonNullElse(attributes.getValue(name), "");
            if (!value.isBlank()) {
                return value.strip();
            }
        }
        return "";
    }

    /** Counts what is unpacked, and ends where the limit is. Closing it does nothing. */
    private final class Counted extends FilterInputStream {
        private final byte[] skipped = new byte[16 * 1024];

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int count = super.read(target, offset, length);
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public long skip(long wanted) throws IOException {
            long total = 0;
            for (int count = read(skipped, 0, skipped.length); count >= 0; count = read(skipped, 0, skipped.length)) {
                total += count;
            }
            return total;
        }

        @Override
        public void close() {
            // the archive around it goes on
        }
    }
}
