package io.berth.gateway.access.decision;

import io.berth.docker.Decimal;
import io.berth.docker.DockerJson;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.account.Directory;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The registry's own tokens, as far as the gateway looks into them: one that was made for somebody of the gateway names the
 * credential that they showed for it, and the registry believes the token only for as long as the gateway says that this
 * credential is still good. Who showed a certificate has no credential with the gateway: that one is good for as long as there is the
 * user.
 */
final class RegistryTokens {
    private static final int MAX_LENGTH = 8192;
    private static final String SUBJECT = "member:";
    private static final String CREDENTIAL = "credential:";

    private RegistryTokens() {}

    private static long credential(JsonNode groups) {
        for (JsonNode group : groups) {
            String text = group.asString("");
            if (text.startsWith(CREDENTIAL)) {
                return Decimal.parseLong(text.substring(CREDENTIAL.length()));
            }
        }
        return 0;
    }

    /** Whose credential a token names; null when it names none, or one that is gone. The signature is the registry's to check. */
    static @Nullable Identity behind(String token, Directory directory) {
        int first = token.indexOf('.');
        int second = token.indexOf('.', first + 1);
        if (token.length() > MAX_LENGTH || first < 0 || second < 0) {
            return null;
        }
        try {
            byte[] json = Base64.getUrlDecoder().decode(token.substring(first + 1, second));
            JsonNode claims = DockerJson.REQUESTS.readTree(new String(json, StandardCharsets.UTF_8));
            String subject = claims.path("sub").asString("");
            if (!subject.startsWith(SUBJECT)) {
                return null;
            }
            String name = subject.substring(SUBJECT.length());
            long credential = credential(claims.path("groups"));
            Optional<Identity> known =
                    credential == 0 ? directory.byName(name, Identity.Source.CERTIFICATE) : directory.byId(credential);
            return known.filter(identity -> identity.name().equals(name)).orElse(null);
        } catch (IllegalArgumentException | JacksonException e) {
            return null;
        }
    }
}
