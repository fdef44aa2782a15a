package io.berth.registry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Verifies signatures of requests to S3 ("Authenticating Requests: AWS Signature Version 4"), in a header or in a link. */
record RequestSignature(String credential, String signedHeaders, String signature, String date, String payloadHash) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /** Of the header {@code Authorization}, or else of the query. */
    static RequestSignature of(Map<String, String> headers, Map<String, String> query) {
        String header = headers.getOrDefault("authorization", "");
        if (header.startsWith(ALGORITHM + " ")) {
            Map<String, String> fields = Stream.of(
                            header.substring(ALGORITHM.length() + 1).split(",\\s*", -1))
                    .collect(Collectors.toMap(
                            field -> field.substring(0, field.indexOf('=')),
                            field -> field.substring(field.indexOf('=') + 1)));
            return new RequestSignature(
                    fields.getOrDefault("Credential", ""),
                    fields.getOrDefault("SignedHeaders", ""),
                    fields.getOrDefault("Signature", ""),
                    headers.getOrDefault("x-amz-date", ""),
                    headers.getOrDefault("x-amz-content-sha256", ""));
        }
        return new RequestSignature(
                query.getOrDefault("X-Amz-Credential", ""),
                query.getOrDefault("X-Amz-SignedHeaders", ""),
                query.getOrDefault("X-Amz-Signature", ""),
                query.getOrDefault("X-Amz-Date", ""),
                "UNSIGNED-PAYLOAD");
    }

    String accessKey() {
        return credential.split("/", -1)[0];
    }

    /** Whether this is what the secret makes of the request. */
    boolean matches(String secret, String method, URI uri, Map<String, String> headers) {
        String[] scope = credential.split("/", -1); // key, day, region, service, aws4_request
        if (scope.length != 5 || !scope[3].equals("s3")) {
            return false;
        }
        String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
        String canonicalQuery = Arrays.stream(query.split("&", -1))
                .filter(pair -> !pair.isEmpty() && !pair.startsWith("X-Amz-Signature="))
                .map(pair -> pair.contains("=") ? pair : pair + "=")
                .sorted()
                .collect(Collectors.joining("&"));
        List<String> names = List.of(signedHeaders.split(";", -1));
        String canonical = method + "\n" + uri.getRawPath() + "\n" + canonicalQuery + "\n"
                + names.stream()
                        .map(name -> name + ":" + headers.getOrDefault(name, "").strip() + "\n")
                        .collect(Collectors.joining())
                + "\n" + signedHeaders + "\n" + payloadHash;
        String toSign = ALGORITHM + "\n" + date + "\n" + String.join("/", Arrays.copyOfRange(scope, 1, 5)) + "\n"
                + HexFormat.of().formatHex(sha256(canonical.getBytes(StandardCharsets.UTF_8)));
        byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
        for (int i = 1; i < 5; i++) {
            key = hmac(key, scope[i]);
        }
        return HexFormat.of().formatHex(hmac(key, toSign)).equals(signature);
    }

    static byte[] sha256(byte[] content) {
        return digest("SHA-256", content);
    }

    static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
