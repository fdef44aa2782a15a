package io.berth.registry.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.registry.MemoryS3;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What a registry says whose bucket cannot be used. */
class S3StorageTest {
    @TempDir
    Path directory;

    private S3Properties properties(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("s3", Bindable.of(S3Properties.class));
    }

    private S3Bucket bucket(URI endpoint, String name, String key, String secret) throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), secret);
        S3Properties properties = properties(Map.of(
                "s3.endpoint", endpoint.toString(), "s3.access-key", key, "s3.secret-key-file", file.toString()));
        return new S3Bucket(name, "", S3Clients.client(properties), S3Clients.presigner(properties));
    }

    @Test
    void saysWhatToDo() throws IOException {
        try (MemoryS3 s3 = new MemoryS3()) {
            URI endpoint = s3.endpoint();
            try (S3Bucket usable = bucket(endpoint, MemoryS3.BUCKET, MemoryS3.ACCESS_KEY, MemoryS3.SECRET)) {
                assertThatCode(usable::require).doesNotThrowAnyException();
            }
            try (S3Bucket missing = bucket(endpoint, "nobody", MemoryS3.ACCESS_KEY, MemoryS3.SECRET)) {
                assertThatThrownBy(missing::require)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("S3 bucket nobody: NoSuchBucket: create it");
                assertThatThrownBy(() -> missing.size("a"))
                        .as("a bucket that goes is no object that is missing")
                        .isInstanceOf(IOException.class);
            }
            try (S3Bucket wrong = bucket(endpoint, MemoryS3.BUCKET, MemoryS3.ACCESS_KEY, "wrong")) {
                assertThatThrownBy(wrong::require)
                        .hasMessageContaining("SignatureDoesNotMatch: check berth.registry.s3.access-key");
            }
            try (S3Bucket unknown = bucket(endpoint, MemoryS3.BUCKET, "nobody", MemoryS3.SECRET)) {
                assertThatThrownBy(unknown::require)
                        .hasMessageContaining("InvalidAccessKeyId: check berth.registry.s3.access-key");
            }
        }
        try (S3Bucket down = bucket(URI.create("http://127.0.0.1:1"), "b", "k", "s")) {
            assertThatThrownBy(down::require)
                    .hasMessageContaining("cannot reach the S3 bucket b: check berth.registry.s3.endpoint");
        }
    }

    @Test
    void defaults() {
        S3Properties properties = properties(Map.of());
        assertThat(properties.region()).isEqualTo("us-east-1");
        assertThat(properties.partSize().toMegabytes()).isEqualTo(8);
        assertThat(properties.redirect()).isFalse();
        assertThat(properties.redirectLifetime()).hasMinutes(15);
        assertThat(properties.bucketInPath()).isFalse();
        assertThat(properties(Map.of("s3.endpoint", "http://127.0.0.1:1")).bucketInPath())
                .isTrue();
        assertThat(properties(Map.of("s3.endpoint", "http://127.0.0.1:1", "s3.path-style", "false"))
                        .bucketInPath())
                .isFalse();
        assertThatThrownBy(() -> S3Storage.bucket(properties))
                .hasMessage("berth.registry.storage=s3 needs berth.registry.s3.bucket");
    }

    @Test
    void rejects() {
        Map<String, String> wrong = new TreeMap<>(Map.of(
                "s3.part-size", "4MB",
                "s3.redirect-lifetime", "8d",
                "s3.access-key", "alone",
                "s3.secret-key-file", "/alone",
                "s3.prefix", "no-slash"));
        wrong.forEach((key, value) -> assertThatThrownBy(() -> properties(Map.of(key, value)))
                .as(key)
                .hasStackTraceContaining("berth.registry.s3"));
    }
}
