package io.berth.image.build.sbom;

import io.berth.image.build.PackageUrl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the databases of distributions' package managers. */
final class SystemPackages {
    private SystemPackages() {}

    /**
     * Reads dpkg's (dpkg-status in deb-control(5)): paragraphs of fields.
     *
     * @param text {@code var/lib/dpkg/status}, or a file of {@code status.d}, whose packages have no status
     */
    static List<SoftwarePackage> dpkg(String text, String source, Distribution distribution) {
        List<SoftwarePackage> found = new ArrayList<>();
        for (String paragraph : text.split("\n\n+")) {
            Map<String, String> fields = fields(paragraph);
            String name = fields.getOrDefault("Package", "");
            String status = fields.getOrDefault("Status", "install ok installed");
            if (name.isEmpty() || !status.endsWith(" installed")) {
                continue;
            }
            String version = fields.getOrDefault("Version", "");
            String vendor = distribution.id().isEmpty() ? "debian" : distribution.id();
            found.add(new SoftwarePackage(
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
        return found;
    }

    /** {@code Name: value}; what continues a value on further lines is left out. */
    static Map<String, String> fields(String paragraph) {
        Map<String, String> fields = new HashMap<>();
        paragraph
                .lines()
                .filter(line -> !line.startsWith(" ") && !line.startsWith("\t"))
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    if (colon > 0) {
                        fields.putIfAbsent(
                                line.substring(0, colon),
                                line.substring(colon + 1).strip());
                    }
                });
        return fields;
    }

    /** Reads apk's {@code lib/apk/db/installed}: paragraphs of lines {@code P:name}, {@code V:version}, {@code A:architecture}. */
    static List<SoftwarePackage> apk(String text, String source, Distribution distribution) {
        List<SoftwarePackage> found = new ArrayList<>();
        for (String paragraph : text.split("\n\n+")) {
            Map<String, String> fields = fields(paragraph);
            String name = fields.getOrDefault("P", "");
            if (name.isEmpty()) {
                continue;
            }
            String version = fields.getOrDefault("V", "");
            String vendor = distribution.id().isEmpty() ? "alpine" : distribution.id();
            found.add(new SoftwarePackage(
                    "apk",
                    name,
                    version,
                    PackageUrl.of(
                            "apk", vendor + "/" + name, version, distribution.qualifiers(fields.getOrDefault("A", ""))),
                    fields.getOrDefault("L", ""),
                    fields.getOrDefault("m", ""),
                    source));
        }
        return found;
    }
}
