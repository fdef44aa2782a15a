package io.berth.image.build.sbom;

import io.berth.image.build.PackageUrl;
import io.berth.oci.OciJson;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads what package managers of languages leave beside their packages. */
final class LanguagePackages {
    private LanguagePackages() {}

    /** Reads {@code METADATA} of a {@code .dist-info} directory, or {@code PKG-INFO}: headers, then a text. */
    static Optional<SoftwarePackage> python(String text, String source) {
        Map<String, String> fields = SystemPackages.fields(text.split("\r?\n\r?\n", 2)[0]);
        String name = fields.getOrDefault("Name", "");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String version = fields.getOrDefault("Version", "");
        String normalised = name.toLowerCase(Locale.ROOT).replace('_', '-');
        String license = fields.getOrDefault("License-Expression", fields.getOrDefault("License", ""));
        return Optional.of(new SoftwarePackage(
                "pypi",
                name,
                version,
                PackageUrl.of("pypi", normalised, version, Map.of()),
                license,
                fields.getOrDefault("Author", ""),
                source));
    }

    /** Reads {@code package.json} of an installed package. */
    static Optional<SoftwarePackage> npm(byte[] text, String source) {
        JsonNode document;
        try {
            document = OciJson.MAPPER.readTree(text);
        } catch (JacksonException e) {
            return Optional.empty();
        }
        String name = string(document, "name");
        String version = string(document, "version");
        if (name.isEmpty() || version.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SoftwarePackage(
                "npm",
                name,
                version,
                PackageUrl.of("npm", name, version, Map.of()),
                string(document, "license"),
                string(document, "author"),
                source));
    }

    private static String string(JsonNode document, String field) {
        JsonNode value = document.path(field);
        return value.isString() ? value.asString() : "";
    }
}
