package io.berth.image.build.sbom;

import io.berth.image.build.PackageUrl;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Reads the databases of distributions' package managers. What they have beyond the limit of packages is left out. */
final class SystemPackages {
    /** What anybody here asks for: a hostile database may have any number of fields, which would all be kept otherwise. */
    private static final Set<String> KNOWN = Set.of(
            "Package",
            "Status",
            "Version",
            "Architecture",
            "Maintainer",
            "P",
            "V",
            "A",
            "L",
            "m",
            "Name",
            "License-Expression",
            "License",
            "Author");

    private SystemPackages() {}

    /**
     * Reads dpkg's (dpkg-status in deb-control(5)): paragraphs of fields.
     *
     * @param text {@code var/lib/dpkg/status}, or a file of {@code status.d}, whose packages have no status
     */
    static List<SoftwarePackage> dpkg(String text, String source, Distribution distribution) {
        return packages(text, fields -> dpkg(fields, source, distribution));
    }

    private static Optional<SoftwarePackage> dpkg(
            Map<String, String> fields, String source, Distribution distribution) {
        String name = fields.getOrDefault("Package", "");
        String status = fields.getOrDefault("Status", "install ok installed");
        if (name.isEmpty() || !status.endsWith(" installed")) {
            return Optional.empty();
        }
        String version = fields.getOrDefault("Version", "");
        String vendor = distribution.id().isEmpty() ? "debian" : distribution.id();
        return Optional.of(new SoftwarePackage(
                "deb",
                name,
                version,
                PackageUrl.of(
                        "deb",
                        vendor + "/" + name,
                        version,
                        distribution.qualifiers(fields.getOrDefault("Architecture", ""))),
                "",
                fields.getOrDefault("Maintainer", ""),
                source));
    }

    /** Reads paragraph by paragraph, and no more than can be told of. */
    private static List<SoftwarePackage> packages(
            String text, Function<Map<String, String>, Optional<SoftwarePackage>> reader) {
        Set<SoftwarePackage> found = new TreeSet<>();
        int at = 0;
        while (at < text.length() && found.size() < RootFileSystemScan.MAX_PACKAGES) {
            int blank = text.indexOf("\n\n", at);
            int end = blank < 0 ? text.length() : blank;
            reader.apply(fields(text.substring(at, end))).ifPresent(found::add);
            at = end + 2;
        }
        return List.copyOf(found);
    }

    /** {@code Name: value}, of the names that matter here; what continues a value on further lines is left out. */
    static Map<String, String> fields(String paragraph) {
        Map<String, String> fields = new HashMap<>();
        paragraph
                .lines()
                .filter(line -> !line.startsWith(" ") && !line.startsWith("\t"))
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    String name = line.substring(0, Math.max(colon, 0));
                    if (KNOWN.contains(name)) {
                        fields.putIfAbsent(name, line.substring(colon + 1).strip());
                    }
                });
        return fields;
    }

    /** Reads apk's {@code lib/apk/db/installed}: paragraphs of lines {@code P:name}, {@code V:version}, {@code A:architecture}. */
    static List<SoftwarePackage> apk(String text, String source, Distribution distribution) {
        return packages(text, fields -> apk(fields, source, distribution));
    }

    private static Optional<SoftwarePackage> apk(Map<String, String> fields, String source, Distribution distribution) {
        String name = fields.getOrDefault("P", "");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String version = fields.getOrDefault("V", "");
        String vendor = distribution.id().isEmpty() ? "alpine" : distribution.id();
        return Optional.of(new SoftwarePackage(
                "apk",
                name,
                version,
                PackageUrl.of(
                        "apk", vendor + "/" + name, version, distribution.qualifiers(fields.getOrDefault("A", ""))),
                fields.getOrDefault("L", ""),
                fields.getOrDefault("m", ""),
                source));
    }
}
