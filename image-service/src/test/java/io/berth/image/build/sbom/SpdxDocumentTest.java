package io.berth.image.build.sbom;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.fd.Directory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class SpdxDocumentTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    private void file(String path, byte[] content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }

    private JsonNode scan() {
        try (Directory directory = Directory.open(root)) {
            return SpdxDocument.of(directory, "test", Instant.EPOCH);
        }
    }

    private static List<String> found(JsonNode document) {
        List<String> found = new ArrayList<>();
        for (JsonNode one : document.path("packages")) {
            if (!one.path("SPDXID").asString().equals("SPDXRef-Root")) {
                found.add(one.path("name").asString() + " "
                        + one.path("versionInfo").asString() + " "
                        + one.at("/externalRefs/0/referenceLocator").asString());
            }
        }
        return found;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void findsPackagesOfAllKinds() throws IOException {
        file("usr/lib/os-release", "ID=debian\nVERSION_ID=\"13\"\n");
        file("var/lib/dpkg/status", """
                Package: zlib1g
                Status: install ok installed
                Maintainer: Mark <mark@example.com>
                Architecture: amd64
                Version: 1:1.3.dfsg+1

                Package: gone
                Status: deinstall ok config-files
                Version: 1
                """);
        file("lib/apk/db/installed", "P:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n\n");
        file(
                "app/node_modules/@scope/one/package.json",
                "{\"name\": \"@scope/one\", \"version\": \"1.0.0\", \"license\": \"ISC\"}");
        file("app/package.json", "{\"name\": \"not-installed\", \"version\": \"1.0.0\"}");
        file("usr/lib/python3/dist-packages/My_Lib-2.dist-info/METADATA", "Name: My_Lib\nVersion: 2\n\nName: text\n");
        byte[] inner = zip(Map.of(
                "META-INF/maven/org.x/inner/pom.properties",
                "groupId=org.x\nartifactId=inner\nversion=3\n".getBytes(StandardCharsets.UTF_8)));
        file("app/app.jar", zip(Map.of("BOOT-INF/lib/inner.jar", inner)));
        file(
                "app/plain-4.5.jar",
                zip(Map.of(
                        "META-INF/MANIFEST.MF",
                        "Manifest-Version: 1.0\r\nImplementation-Vendor: Me\r\n\r\n"
                                .getBytes(StandardCharsets.UTF_8))));
        JsonNode document = scan();
        assertThat(found(document))
                .containsExactlyInAnyOrder(
                        "zlib1g 1:1.3.dfsg+1 pkg:deb/debian/zlib1g@1:1.3.dfsg%2B1?arch=amd64&distro=debian-13",
                        "musl 1.2.5-r0 pkg:apk/debian/musl@1.2.5-r0?arch=x86_64&distro=debian-13",
                        "@scope/one 1.0.0 pkg:npm/%40scope/one@1.0.0",
                        "My_Lib 2 pkg:pypi/my-lib@2",
                        "org.x:inner 3 pkg:maven/org.x/inner@3",
                        "plain 4.5 ");
        assertThat(document.path("spdxVersion").asString()).isEqualTo("SPDX-2.3");
        assertThat(document.path("relationships")).hasSize(7);
        assertThat(document.path("creationInfo").path("created").asString()).isEqualTo("1970-01-01T00:00:00Z");
    }

    @Test
    void nothingLeadsOutOfTheRoot(@TempDir Path outside) throws IOException {
        Path status = outside.resolve("status");
        Files.writeString(status, "Package: of-the-host\nStatus: install ok installed\nVersion: 1\n");
        Files.createDirectories(root.resolve("var/lib/dpkg"));
        Files.createSymbolicLink(root.resolve("var/lib/dpkg/status"), status);
        Files.createSymbolicLink(root.resolve("lib"), outside);
        Files.createDirectories(outside.resolve("node_modules/x"));
        Files.writeString(outside.resolve("node_modules/x/package.json"), "{\"name\":\"x\",\"version\":\"1\"}");
        assertThat(found(scan())).isEmpty();
    }

    @Test
    void whatIsHostileOnlyHasNoPackages() throws IOException {
        file("node_modules/a/package.json", "{");
        file("node_modules/b/package.json", "[".repeat(100_000));
        file("a.jar", "no archive");
        file("b.dist-info/METADATA", new byte[] {0, (byte) 0xFF, 10});
        file("var/lib/rpm/rpmdb.sqlite", "");
        byte[] nested = zip(Map.of("x", new byte[1 << 20]));
        for (int i = 0; i < 20; i++) {
            nested = zip(Map.of("n.jar", nested));
        }
        file("deep.jar", nested);
        JsonNode document = scan();
        assertThat(found(document)).isEmpty();
        assertThat(document.path("comment").asString()).contains("rpm are not read");
    }

    @Test
    @Timeout(20)
    void longNamesInArchivesTakeNoLongerThanOthers() throws IOException {
        byte[] inner = zip(Map.of(
                "META-INF/MANIFEST.MF",
                "Manifest-Version: 1.0\r\nImplementation-Title: a\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
        byte[] outer = zip(Map.of("-1".repeat(30_000) + "!.jar", inner));
        assertThat(new JavaArchives(1 << 20).read(new java.io.ByteArrayInputStream(outer), "outer.jar"))
                .extracting(SoftwarePackage::name)
                .containsExactly("a");
    }

    /** A database of 64 MiB has room for millions of packages, each of which takes many times its text. */
    @Test
    void databasesOfMillionsAreReadToTheLimit() throws IOException {
        StringBuilder database = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            database.append("P:a").append(i).append("\nX").append(i).append(":x\n\n");
        }
        assertThat(SystemPackages.apk(database.toString(), "source", Distribution.UNKNOWN))
                .hasSize(30_000);
        assertThat(SystemPackages.fields("Package: a\nx: y\nVersion: 1\n"))
                .isEqualTo(Map.of("Package", "a", "Version", "1"));
        file("lib/apk/db/installed", database.toString());
        assertThat(scan().path("comment").asString()).contains("more than 30000 packages");
    }

    @Test
    void archivesUnpackToALimitedAmount() throws IOException {
        byte[] bomb = zip(Map.of("zeros", new byte[8 << 20]));
        JavaArchives archives = new JavaArchives(1 << 20);
        assertThat(archives.read(new java.io.ByteArrayInputStream(bomb), "bomb.jar"))
                .isEmpty();
        assertThat(archives.exhausted()).isTrue();
    }
}
