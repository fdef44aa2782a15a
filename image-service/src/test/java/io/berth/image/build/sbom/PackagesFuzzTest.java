package io.berth.image.build.sbom;

import io.berth.fuzz.Fuzzer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** What images have of package managers, which nobody needs to have written. */
class PackagesFuzzTest {
    private static final Distribution DEBIAN = new Distribution("debian", "13");

    @Test
    void databases() {
        Fuzzer.of("package database")
                .examples("""
                        Package: a
                        Status: install ok installed
                        Version: 1.2-3
                        Architecture: all
                        Depends: b
                         c

                        Package: d
                        Version: 1
                        """, """
                        P:a
                        V:1
                        A:x86_64
                        L:MIT
                        m:me <a@b>

                        P:b
                        V:2
                        """, "Name: A_b\nVersion: 1\nLicense: X\n\ntext")
                .words(":", "\n\n", "Package: ", "P:", "/", "%")
                .runText(text -> {
                    SystemPackages.dpkg(text, "source", DEBIAN);
                    SystemPackages.apk(text, "source", Distribution.UNKNOWN);
                    LanguagePackages.python(text, "source");
                });
    }

    @Test
    void descriptions() {
        Fuzzer.of("package description")
                .examples(
                        "{\"name\":\"@a/b\",\"version\":\"1.0\",\"license\":\"MIT\",\"author\":{\"name\":\"c\"}}",
                        "ID=debian\nVERSION_ID=\"13\"\nNAME='x'\n")
                .words("null", "[", "{\"a\":", "'", "\"", "=")
                .run(input -> {
                    LanguagePackages.npm(input, "source");
                    Distribution.parse(new String(input, StandardCharsets.UTF_8));
                });
    }

    @Test
    void archives() throws IOException {
        byte[] inner = zip("META-INF/maven/g/a/pom.properties", "groupId=g\nartifactId=a\nversion=1\\u0030\n");
        Fuzzer.of("Java archive")
                .example(inner)
                .example(zip("META-INF/MANIFEST.MF", "Implementation-Title: a\r\nBundle-Version: 1;x=y\r\n\r\n"))
                .example(zip("lib/a-1-2-3-4.jar", inner))
                .words("a-1.", ".jar", "META-INF/MANIFEST.MF", "PK\u0003\u0004")
                .run(input -> {
                    String name = "lib/" + new String(input, StandardCharsets.ISO_8859_1) + "-1.0.jar";
                    new JavaArchives(1 << 20).read(new ByteArrayInputStream(input), name);
                });
    }

    private static byte[] zip(String name, String content) throws IOException {
        return zip(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
        }
        return bytes.toByteArray();
    }
}
