package io.berth.image.build.sbom;

import java.util.Comparator;

/**
 * A package that was found.
 *
 * @param kind what manages it, in the words of package URLs: {@code deb}, {@code apk}, {@code maven}, {@code npm}, {@code pypi}
 * @param version may be empty
 * @param purl its package URL; empty when not enough is known for one
 * @param license as it calls it, in no certain form; may be empty
 * @param supplier who made it, such as {@code Jane Doe <jane@example.com>}; may be empty
 * @param source the file that tells of it, below the root
 */
record SoftwarePackage(
        String kind, String name, String version, String purl, String license, String supplier, String source)
        implements Comparable<SoftwarePackage> {
    private static final int MAX_TEXT = 1024;

    private static final Comparator<SoftwarePackage> ORDER = Comparator.comparing(SoftwarePackage::kind)
            .thenComparing(SoftwarePackage::name)
            .thenComparing(SoftwarePackage::version)
            .thenComparing(SoftwarePackage::source);

    /** Texts come from the image and are cut at a sensible length. */
    SoftwarePackage {
        name = cut(name);
        version = cut(version);
        purl = purl.length() > 2 * MAX_TEXT ? "" : purl;
        license = cut(license);
        supplier = cut(supplier);
    }

    private static String cut(String text) {
        String printable = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return printable.length() > MAX_TEXT ? printable.substring(0, MAX_TEXT) : printable;
    }

    @Override
    public int compareTo(SoftwarePackage other) {
        return ORDER.compare(this, other);
    }
}
