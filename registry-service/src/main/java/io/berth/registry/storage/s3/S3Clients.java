package io.berth.registry.storage.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Clients as the properties say. */
final class S3Clients {
    private S3Clients() {}

    static S3Client client(S3Properties properties) {
        return S3Client.builder()
                .region(Region.of(properties.region()))
                .endpointOverride(properties.endpoint())
                .credentialsProvider(credentials(properties))
                .serviceConfiguration(configuration(properties))
                // What is sent has its MD5 with it; checksums of other kinds are not known to all services.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    static S3Presigner presigner(S3Properties properties) {
        URI seen = properties.publicEndpoint() == null ? properties.endpoint() : properties.publicEndpoint();
        return S3Presigner.builder()
                .region(Region.of(properties.region()))
                .endpointOverride(seen)
                .credentialsProvider(credentials(properties))
                .serviceConfiguration(configuration(properties))
                .build();
    }

    private static S3Configuration configuration(S3Properties properties) {
        return S3Configuration.builder()
                .pathStyleAccessEnabled(properties.bucketInPath())
                .chunkedEncodingEnabled(false)
                .build();
    }

    private static AwsCredentialsProvider credentials(S3Properties properties) {
        String key = properties.accessKey();
        Path secret = properties.secretKeyFile();
        return key == null || secret == null
                ? DefaultCredentialsProvider.builder().build()
                : StaticCredentialsProvider.create(AwsBasicCredentials.create(key, firstLine(secret)));
    }

    private static String firstLine(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.isEmpty() || lines.getFirst().isBlank()) {
                throw new IllegalStateException("berth.registry.s3.secret-key-file: " + file + " is empty");
            }
            return lines.getFirst().strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read berth.registry.s3.secret-key-file " + file, e);
        }
    }
}
